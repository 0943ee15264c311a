using System.Net;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.ApiKeys;

public sealed class KeyConditionTests(AccessServerFixture fixture) : IClassFixture<AccessServerFixture>
{
    private readonly AccessServer _server = fixture.Server;
    private readonly HttpClient _admin = fixture.Server.Client(fixture.Server.AdminKey);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<string> Acts => ["change", "rotate", "revoke"];

    [Theory]
    [MemberData(nameof(Acts))]
    public async Task Act_on_the_version_that_is_named_is_done(string act)
    {
        var made = await _admin.CreateKeyAsync("""{"name":"n","scopes":[]}""");
        foreach (var ifMatch in new[] { $"\"7\", {made.ETag}", "*" })
        {
            using var response = await ActAsync(act, made.Id, ifMatch);
            await response.ShouldBeAsync(HttpStatusCode.OK);
            Assert.NotEqual(made.ETag, response.Headers.ETag!.ToString());
        }
    }

    [Theory]
    [MemberData(nameof(Acts))]
    public async Task Act_on_another_version_is_not_done(string act)
    {
        var made = await _admin.CreateKeyAsync("""{"name":"n","scopes":["measurements:read"]}""");
        (await _admin.ChangeKeyAsync(made.Id, """{"name":"changed"}""")).Dispose();
        var before = await _admin.ReadKeyAsync(made.Id);
        foreach (var old in new[] { made.ETag, "\"nonsense\"", "W/" + made.ETag, $"{made.ETag}, \"7\"" })
        {
            using var response = await ActAsync(act, made.Id, old);
            await response.ShouldFailAsync(HttpStatusCode.PreconditionFailed, "precondition_failed");
        }

        using var isNew = await ActAsync(act, made.Id, ifNoneMatch: "*");
        await isNew.ShouldFailAsync(HttpStatusCode.PreconditionFailed, "precondition_failed");
        Assert.Equal(before.GetRawText(), (await _admin.ReadKeyAsync(made.Id)).GetRawText());
        using var used = await _server.Client(made.Token).GetAsync("/measurements", Cancelled);
        await used.ShouldBeAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Of_two_administrators_who_have_read_the_same_the_second_is_told()
    {
        var made = await _admin.CreateKeyAsync("""{"name":"n","scopes":[]}""");
        var other = _server.Client(await _server.AddKeyAsync());
        using var first = await _admin.ChangeKeyAsync(made.Id, """{"notes":"first"}""", made.ETag);
        await first.ShouldBeAsync(HttpStatusCode.OK);
        using var second = await other.ChangeKeyAsync(made.Id, """{"notes":"second"}""", made.ETag);
        await second.ShouldFailAsync(HttpStatusCode.PreconditionFailed, "precondition_failed");
        Assert.Equal("first", (await other.ReadKeyAsync(made.Id)).GetProperty("notes").GetString());
        using var again = await other.ChangeKeyAsync(made.Id, """{"notes":"second"}""", first.Headers.ETag!.ToString());
        await again.ShouldBeAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Of_many_who_change_one_version_at_the_same_moment_one_wins()
    {
        var made = await _admin.CreateKeyAsync("""{"name":"n","scopes":[]}""");
        var responses = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => _admin.ChangeKeyAsync(made.Id, $$"""{"notes":"{{i}}"}""", made.ETag)));
        var winner = Assert.Single(Enumerable.Range(0, 10), i => responses[i].StatusCode == HttpStatusCode.OK);
        Assert.All(responses.Where(response => response.StatusCode != HttpStatusCode.OK), response =>
            Assert.Contains(response.StatusCode, new[] { HttpStatusCode.PreconditionFailed, HttpStatusCode.Conflict }));
        Assert.Equal($"{winner}", (await _admin.ReadKeyAsync(made.Id)).GetProperty("notes").GetString());
    }

    [Fact]
    public async Task Use_of_a_key_does_not_change_its_version()
    {
        var made = await _admin.CreateKeyAsync("""{"name":"n","scopes":["measurements:read"]}""");
        (await _server.Client(made.Token).GetAsync("/measurements", Cancelled)).Dispose();
        using var response = await _admin.GetAsync(KeyRequests.AddressOf(made.Id), Cancelled);
        Assert.Equal(made.ETag, response.Headers.ETag!.ToString());
    }

    private Task<HttpResponseMessage> ActAsync(string act, string id, string? ifMatch = null, string? ifNoneMatch = null) => act switch
    {
        "change" => _admin.SendAsync(HttpMethod.Patch, KeyRequests.AddressOf(id), """{"name":"by condition"}""", ifMatch, ifNoneMatch),
        "rotate" => _admin.SendAsync(HttpMethod.Post, KeyRequests.AddressOf(id) + "/rotate", null, ifMatch, ifNoneMatch),
        _ => _admin.SendAsync(HttpMethod.Delete, KeyRequests.AddressOf(id), null, ifMatch, ifNoneMatch),
    };
}
