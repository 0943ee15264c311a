using System.Net;
using System.Text.Json;
using IotBackend.Domain.ApiKeys;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.ApiKeys;

public sealed class RotateKeyTests(AccessServerFixture fixture) : IClassFixture<AccessServerFixture>
{
    private readonly AccessServer _server = fixture.Server;
    private readonly HttpClient _admin = fixture.Server.Client(fixture.Server.AdminKey);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Both_secrets_work_until_the_overlap_ends_and_then_the_new_one_only()
    {
        var old = await _admin.CreateTokenAsync();
        await AssertWorks(old);
        var (renewed, body) = await RotateAsync(old, """{"overlapSeconds":2}""");
        var until = body.GetProperty("oldSecretUntil").GetDateTimeOffset();
        Assert.Equal(KeyRequests.IdOf(old), KeyRequests.IdOf(renewed));
        Assert.NotEqual(old[17..], renewed[17..]);
        Assert.True(ApiKeyToken.TryParse(renewed, out _, out _));
        await AssertWorks(old);
        await AssertWorks(renewed);

        // By the server's own reading of the key, which it keeps: the end of the overlap is judged at every request.
        await Eventually.TrueAsync(async () => await StatusAsync(old) == HttpStatusCode.Unauthorized, "the old secret ends");
        Assert.InRange(TimeProvider.System.GetUtcNow(), until.AddMilliseconds(-1), until.AddSeconds(2));
        await AssertWorks(renewed);
        Assert.Equal(JsonValueKind.Null, (await _admin.ReadKeyAsync(old)).GetProperty("oldSecretUntil").ValueKind);
    }

    [Fact]
    public async Task Without_an_overlap_the_old_secret_ends_at_once()
    {
        var old = await _admin.CreateTokenAsync();
        await AssertWorks(old);
        var (renewed, body) = await RotateAsync(old, """{"overlapSeconds":0}""");
        Assert.Equal(JsonValueKind.Null, body.GetProperty("oldSecretUntil").ValueKind);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(old));
        await AssertWorks(renewed);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("{}")]
    public async Task Overlap_is_a_day_unless_told_otherwise(string? body)
    {
        var token = await _admin.CreateTokenAsync();
        var until = (await RotateAsync(token, body)).Body.GetProperty("oldSecretUntil").GetDateTimeOffset();
        Assert.InRange(until - TimeProvider.System.GetUtcNow(), TimeSpan.FromHours(24) - TimeSpan.FromMinutes(1), TimeSpan.FromHours(24));
    }

    [Fact]
    public async Task Second_rotation_ends_the_first_secret_and_lets_the_second_overlap()
    {
        var first = await _admin.CreateTokenAsync();
        await AssertWorks(first);
        var second = (await RotateAsync(first, """{"overlapSeconds":600}""")).Token;
        await AssertWorks(first);
        var third = (await RotateAsync(second, """{"overlapSeconds":600}""")).Token;
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(first));
        await AssertWorks(second);
        await AssertWorks(third);
        await RotateAsync(third, """{"overlapSeconds":0}""");
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (await StatusAsync(second), await StatusAsync(third)));
    }

    [Fact]
    public async Task Rotation_changes_nothing_else()
    {
        var made = await _admin.CreateKeyAsync("""{"name":"n","notes":"x","scopes":["admin"],"tier":"premium","buckets":["b"],"devices":["d*"],"networks":["127.0.0.0/8"],"expiresAt":"2099-01-01T00:00:00Z"}""");
        var (_, body) = await RotateAsync(made.Id, null);
        foreach (var member in made.Body.EnumerateObject().Where(member => member.Name is not ("key" or "oldSecretUntil")))
            Assert.Equal(member.Value.GetRawText(), body.GetProperty(member.Name).GetRawText());
    }

    [Fact]
    public async Task Revocation_ends_both_secrets()
    {
        var old = await _admin.CreateTokenAsync();
        var renewed = (await RotateAsync(old, null)).Token;
        await AssertWorks(old);
        await AssertWorks(renewed);
        (await _admin.RevokeKeyAsync(old)).EnsureSuccessStatusCode().Dispose();
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (await StatusAsync(old), await StatusAsync(renewed)));
    }

    [Fact]
    public async Task Revoked_or_expired_key_is_not_rotated()
    {
        var revoked = await _server.AddKeyAsync(key => key with { RevokedAt = key.CreatedAt });
        var expired = await _server.AddKeyAsync(key => key with { ExpiresAt = key.CreatedAt });
        foreach (var token in new[] { revoked, expired })
        {
            using var response = await _admin.RotateKeyAsync(token);
            await response.ShouldFailAsync(HttpStatusCode.Conflict, "conflict");
        }
    }

    [Theory]
    [InlineData("""{"overlapSeconds":-1}""", "overlapSeconds", "number_out_of_range")]
    [InlineData("""{"overlapSeconds":2592001}""", "overlapSeconds", "number_out_of_range")]
    [InlineData("""{"overlapSeconds":1.5}""", "overlapSeconds", "wrong_type")]
    [InlineData("""{"overlapSeconds":"60"}""", "overlapSeconds", "wrong_type")]
    [InlineData("""{"overlapSeconds":null}""", "overlapSeconds", "wrong_type")]
    [InlineData("""{"overlap":60}""", "overlap", "unknown_member")]
    public async Task Wrong_overlap_is_refused_and_the_secret_stays(string body, string field, string code)
    {
        var token = await _admin.CreateTokenAsync();
        using var response = await _admin.RotateKeyAsync(token, body);
        (await response.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request")).ShouldTell(field, code);
        await AssertWorks(token);
    }

    [Fact]
    public async Task Longest_overlap_is_thirty_days()
    {
        var token = await _admin.CreateTokenAsync();
        var until = (await RotateAsync(token, """{"overlapSeconds":2592000}""")).Body.GetProperty("oldSecretUntil").GetDateTimeOffset();
        Assert.InRange(until - TimeProvider.System.GetUtcNow(), TimeSpan.FromDays(30) - TimeSpan.FromMinutes(1), TimeSpan.FromDays(30));
    }

    private async Task<(string Token, JsonElement Body)> RotateAsync(string key, string? body)
    {
        using var response = await _admin.RotateKeyAsync(key, body);
        await response.ShouldBeAsync(HttpStatusCode.OK);
        Assert.True(response.Headers.CacheControl!.NoStore);
        var answer = await response.ReadAsync();
        return (answer.GetProperty("key").GetString()!, answer);
    }

    private async Task<HttpStatusCode> StatusAsync(string token)
    {
        using var response = await _server.Client(token).GetAsync("/measurements", Cancelled);
        return response.StatusCode;
    }

    private async Task AssertWorks(string token) => Assert.Equal(HttpStatusCode.OK, await StatusAsync(token));
}
