using System.Net;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Buckets;

/// <summary>Requests about buckets that are wrong: refused with the exact member, and nothing is created.</summary>
public sealed class BucketFaultTests(IotServerFixture fixture) : IClassFixture<IotServerFixture>, IAsyncLifetime
{
    private const string Name = "refused";
    private const int MaxBodyBytes = 65_536;

    private readonly HttpClient _client = fixture.Server.Client();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync() => Assert.Equal(["default"], (await _client.ListBucketsAsync()).Names);

    [Theory]
    [InlineData("""{ "retentionHours": 0 }""", "retentionHours", "number_out_of_range")]
    [InlineData("""{ "retentionHours": 876001 }""", "retentionHours", "number_out_of_range")]
    [InlineData("""{ "retentionHours": 1.5 }""", "retentionHours", "wrong_type")]
    [InlineData("""{ "retentionHours": "24" }""", "retentionHours", "wrong_type")]
    [InlineData("""{ "description": null }""", "description", "wrong_type")]
    [InlineData("""{ "description": "\ud800" }""", "description", "invalid_text")]
    [InlineData("""{ "retention": 24 }""", "retention", "unknown_member")]
    [InlineData("""{ "name": "refused" }""", "name", "unknown_member")]
    [InlineData("""{ "description": "a", "description": "b" }""", "description", "duplicate_member")]
    public async Task Member_at_fault_is_named(string body, string field, string code)
    {
        using var response = await _client.PutBucketAsync(Name, body);

        (await response.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request")).ShouldTell(field, code);
    }

    [Fact]
    public async Task All_faults_come_at_once()
    {
        using var response = await _client.PutBucketAtAsync(
            BucketRequests.Path + "/_own?dryRun=true",
            $$"""{ "description": "{{new string('x', 1_001)}}", "retentionHours": -1, "colour": "red" }""",
            ifMatch: "unquoted");

        var error = await response.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request");
        Assert.Equal(
            [
                "If-Match invalid_parameter", "colour unknown_member", "description text_too_long", "dryRun invalid_parameter",
                "name invalid_parameter", "retentionHours number_out_of_range",
            ],
            error.Faults.Select(fault => $"{fault.Field} {fault.Code}").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{} {}")]
    public async Task Body_that_is_no_json_is_refused_as_such(string body)
    {
        using var response = await _client.PutBucketAsync(Name, body);

        await response.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_json");
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("24")]
    public async Task Body_that_is_no_object_is_refused(string body)
    {
        using var response = await _client.PutBucketAsync(Name, body);

        await response.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=utf-16")]
    public async Task Body_in_another_media_type_is_refused(string? mediaType)
    {
        using var content = new ByteArrayContent("{}"u8.ToArray());
        if (mediaType is not null)
            content.Headers.TryAddWithoutValidation("Content-Type", mediaType);

        using var response = await _client.PutAsync(BucketRequests.AddressOf(Name), content, Cancel);

        await response.ShouldFailAsync(HttpStatusCode.UnsupportedMediaType, "unsupported_media_type");
    }

    [Fact]
    public async Task Body_has_at_most_64_KiB()
    {
        using var refused = await _client.PutBucketAsync(Name, "{}".PadRight(MaxBodyBytes + 1));
        using var accepted = await _client.PutBucketAsync("default", "{}".PadRight(MaxBodyBytes));

        await refused.ShouldFailAsync(HttpStatusCode.RequestEntityTooLarge, "body_too_large");
        await accepted.ShouldBeAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Description_has_at_most_1000_characters()
    {
        using var accepted = await _client.PutBucketAsync("default", $$"""{ "description": "{{new string('ü', 1_000)}}" }""");
        using var refused = await _client.PutBucketAsync("default", $$"""{ "description": "{{new string('ü', 1_001)}}" }""");

        await accepted.ShouldBeAsync(HttpStatusCode.OK);
        (await refused.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request")).ShouldTell("description", "text_too_long");
    }

    [Theory]
    [InlineData("limit=0", "limit", "invalid_parameter")]
    [InlineData("limit=1001", "limit", "invalid_parameter")]
    [InlineData("limit=ten", "limit", "invalid_parameter")]
    [InlineData("limit=1&limit=2", "limit", "invalid_parameter")]
    [InlineData("cursor=!", "cursor", "invalid_cursor")]
    [InlineData("cursor=", "cursor", "invalid_cursor")]
    [InlineData("colour=red", "colour", "invalid_parameter")]
    public async Task Parameter_of_the_list_at_fault_is_named(string query, string parameter, string code)
    {
        using var response = await _client.GetAsync($"{BucketRequests.Path}?{query}", Cancel);

        (await response.ShouldFailAsync(HttpStatusCode.BadRequest, code)).ShouldTell(parameter, code);
    }

    [Fact]
    public async Task Deletion_refuses_parameters_that_it_does_not_know()
    {
        using var response = await _client.DeleteAsync(BucketRequests.AddressOf("default") + "?confirm=default&confirm=default&force=true", Cancel);

        var error = await response.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_parameter");
        error.ShouldTell("confirm", "invalid_parameter");
        error.ShouldTell("force", "invalid_parameter");
    }

    [Fact]
    public async Task Answer_is_offered_as_json_only()
    {
        foreach (var address in new[] { BucketRequests.Path, BucketRequests.AddressOf("default") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.Accept.ParseAdd("text/csv");
            using var response = await _client.SendAsync(request, Cancel);
            await response.ShouldFailAsync(HttpStatusCode.NotAcceptable, "not_acceptable");
        }
    }

    [Fact]
    public async Task Head_answers_as_get_without_a_body()
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, BucketRequests.AddressOf("default"));
        using var head = await _client.SendAsync(request, Cancel);

        await head.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(await _client.ReadETagAsync("default"), head.Headers.ETag!.ToString());
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Cancel));
    }
}
