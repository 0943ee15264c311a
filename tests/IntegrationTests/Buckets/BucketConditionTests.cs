using System.Net;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Buckets;

/// <summary>Changes that happen only if the bucket is as the client thinks it is.</summary>
public sealed class BucketConditionTests(IotServerFixture fixture) : IClassFixture<IotServerFixture>
{
    private const int Rivals = 20;

    private readonly HttpClient _client = fixture.Server.Client();

    [Fact]
    public async Task ETag_changes_with_the_rules_and_comes_back_with_them()
    {
        await _client.CreateBucketAsync("tagged", """{ "retentionHours": 1 }""");
        var first = await _client.ReadETagAsync("tagged");

        using var changed = await _client.PutBucketAsync("tagged", """{ "retentionHours": 2 }""");
        using var back = await _client.PutBucketAsync("tagged", """{ "retentionHours": 1 }""");

        Assert.NotEqual(first, changed.Headers.ETag!.ToString());
        Assert.Equal(first, back.Headers.ETag!.ToString());
    }

    [Fact]
    public async Task Change_happens_when_one_of_the_ETags_is_the_current()
    {
        await _client.CreateBucketAsync("matched", """{ "retentionHours": 1 }""");
        var tag = await _client.ReadETagAsync("matched");

        using var listed = await _client.PutBucketAsync("matched", """{ "retentionHours": 2 }""", ifMatch: $"\"other\", {tag}");
        using var stale = await _client.PutBucketAsync("matched", """{ "retentionHours": 3 }""", ifMatch: tag);
        using var any = await _client.PutBucketAsync("matched", """{ "retentionHours": 4 }""", ifMatch: "*");

        await listed.ShouldBeAsync(HttpStatusCode.OK);
        await stale.ShouldFailAsync(HttpStatusCode.PreconditionFailed, "precondition_failed");
        await any.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(4, (await _client.ReadBucketAsync("matched")).GetProperty("retentionHours").GetInt32());
    }

    [Fact]
    public async Task Weak_ETag_never_matches()
    {
        await _client.CreateBucketAsync("weak");

        using var response = await _client.PutBucketAsync("weak", ifMatch: "W/" + await _client.ReadETagAsync("weak"));

        await response.ShouldFailAsync(HttpStatusCode.PreconditionFailed, "precondition_failed");
    }

    [Theory]
    [InlineData("*")]
    [InlineData("\"any\"")]
    public async Task Change_of_a_bucket_that_is_not_there_creates_none(string ifMatch)
    {
        using var response = await _client.PutBucketAsync("never-made", ifMatch: ifMatch);

        await response.ShouldFailAsync(HttpStatusCode.PreconditionFailed, "precondition_failed");
        Assert.DoesNotContain("never-made", (await _client.ListBucketsAsync()).Names);
    }

    [Fact]
    public async Task Creation_of_a_bucket_that_is_there_changes_nothing()
    {
        using var created = await _client.PutBucketAsync("made-once", """{ "retentionHours": 1 }""", ifNoneMatch: "*");
        using var again = await _client.PutBucketAsync("made-once", """{ "retentionHours": 2 }""", ifNoneMatch: "*");

        await created.ShouldBeAsync(HttpStatusCode.Created);
        await again.ShouldFailAsync(HttpStatusCode.PreconditionFailed, "precondition_failed");
        Assert.Equal(1, (await _client.ReadBucketAsync("made-once")).GetProperty("retentionHours").GetInt32());
    }

    [Fact]
    public async Task Deletion_takes_the_same_conditions()
    {
        await _client.CreateBucketAsync("conditional", """{ "retentionHours": 1 }""");
        var stale = await _client.ReadETagAsync("conditional");
        using (var changed = await _client.PutBucketAsync("conditional", """{ "retentionHours": 2 }"""))
            await changed.ShouldBeAsync(HttpStatusCode.OK);

        using var refused = await _client.DeleteBucketAsync("conditional", confirm: "conditional", ifMatch: stale);
        using var absurd = await _client.DeleteBucketAsync("conditional", confirm: "conditional", ifNoneMatch: "*");
        await refused.ShouldFailAsync(HttpStatusCode.PreconditionFailed, "precondition_failed");
        await absurd.ShouldFailAsync(HttpStatusCode.PreconditionFailed, "precondition_failed");

        using var deleted = await _client.DeleteBucketAsync("conditional", confirm: "conditional", ifMatch: await _client.ReadETagAsync("conditional"));
        await deleted.ShouldBeAsync(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("unquoted", null, "If-Match")]
    [InlineData("*, \"a\"", null, "If-Match")]
    [InlineData(null, "\"a\"", "If-None-Match")]
    [InlineData("*", "*", "If-None-Match")]
    public async Task Condition_that_can_not_be_understood_is_refused_and_not_passed_over(string? ifMatch, string? ifNoneMatch, string header)
    {
        using var put = await _client.PutBucketAsync("misunderstood", ifMatch: ifMatch, ifNoneMatch: ifNoneMatch);
        using var delete = await _client.DeleteBucketAsync("default", confirm: "default", ifMatch, ifNoneMatch);

        (await put.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_parameter")).ShouldTell(header, "invalid_parameter");
        (await delete.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_parameter")).ShouldTell(header, "invalid_parameter");
        Assert.DoesNotContain("misunderstood", (await _client.ListBucketsAsync()).Names);
    }

    [Fact]
    public async Task Of_20_changes_with_the_same_ETag_exactly_one_wins()
    {
        await _client.CreateBucketAsync("contested", """{ "description": "start" }""");
        var tag = await _client.ReadETagAsync("contested");

        var statuses = await RaceAsync(i => _client.PutBucketAsync("contested", $$"""{ "description": "rival {{i}}" }""", ifMatch: tag));

        ShouldHaveOneWinner(statuses, HttpStatusCode.OK, HttpStatusCode.PreconditionFailed);
        var winner = Array.IndexOf(statuses, HttpStatusCode.OK);
        Assert.Equal($"rival {winner}", (await _client.ReadBucketAsync("contested")).GetProperty("description").GetString());
    }

    [Fact]
    public async Task Of_20_creations_of_one_bucket_exactly_one_is_the_first()
    {
        var conditional = await RaceAsync(_ => _client.PutBucketAsync("raced-1", ifNoneMatch: "*"));
        var plain = await RaceAsync(_ => _client.PutBucketAsync("raced-2"));

        ShouldHaveOneWinner(conditional, HttpStatusCode.Created, HttpStatusCode.PreconditionFailed);
        ShouldHaveOneWinner(plain, HttpStatusCode.Created, HttpStatusCode.OK);
    }

    [Fact]
    public async Task Of_20_deletions_of_one_bucket_exactly_one_does_it()
    {
        await _client.CreateBucketAsync("raced-3");

        var statuses = await RaceAsync(_ => _client.DeleteBucketAsync("raced-3", confirm: "raced-3"));

        ShouldHaveOneWinner(statuses, HttpStatusCode.OK, HttpStatusCode.NotFound);
    }

    private static async Task<HttpStatusCode[]> RaceAsync(Func<int, Task<HttpResponseMessage>> send)
    {
        var responses = await Task.WhenAll(Enumerable.Range(0, Rivals).Select(send));
        var statuses = responses.Select(response => response.StatusCode).ToArray();
        foreach (var response in responses)
            response.Dispose();
        return statuses;
    }

    private static void ShouldHaveOneWinner(HttpStatusCode[] statuses, HttpStatusCode winner, HttpStatusCode others)
    {
        Assert.Equal(1, statuses.Count(status => status == winner));
        Assert.Equal(Rivals - 1, statuses.Count(status => status == others));
    }
}
