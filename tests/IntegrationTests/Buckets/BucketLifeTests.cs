using System.Net;
using System.Text.Json;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Buckets;

/// <summary>Buckets from their creation to their end, from outside of the process.</summary>
public sealed class BucketLifeTests(IotServerFixture fixture) : IClassFixture<IotServerFixture>
{
    private readonly HttpClient _client = fixture.Server.Client();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bucket_is_created_with_its_rules_and_read_back()
    {
        using var created = await _client.PutBucketAsync("created", """{ "description": "Roof, süd", "retentionHours": 720 }""");

        await created.ShouldBeAsync(HttpStatusCode.Created);
        Assert.Equal("/admin/buckets/created", created.Headers.Location?.ToString());
        Assert.True(created.Headers.ETag is { IsWeak: false });
        Assert.Equal(
            """{"name":"created","description":"Roof, süd","retentionHours":720,"measurements":0,"bytes":0}""",
            await created.Content.ReadAsStringAsync(Cancel));
        using var read = await _client.GetAsync(created.Headers.Location, Cancel);
        Assert.Equal(created.Headers.ETag, read.Headers.ETag);
        Assert.Equal((await created.ReadJsonAsync()).GetRawText(), (await read.ReadJsonAsync()).GetRawText());
        Assert.Contains("created", (await _client.ListBucketsAsync()).Names);
    }

    [Fact]
    public async Task Rules_are_replaced_as_a_whole()
    {
        await _client.CreateBucketAsync("replaced", """{ "description": "first", "retentionHours": 1 }""");

        using var changed = await _client.PutBucketAsync("replaced", """{ "retentionHours": 876000 }""");
        using var emptied = await _client.PutBucketAsync("replaced");

        await changed.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Null(changed.Headers.Location);
        ShouldHaveRules(await changed.ReadJsonAsync(), "", 876_000);
        ShouldHaveRules(await emptied.ReadJsonAsync(), "", null);
        ShouldHaveRules(await _client.ReadBucketAsync("replaced"), "", null);
    }

    [Fact]
    public async Task Default_bucket_exists_and_keeps_for_ever_and_can_be_changed_but_not_deleted()
    {
        await using var server = await IotServer.StartAsync();
        var client = server.Client();
        ShouldHaveRules(await client.ReadBucketAsync("default"), "", null);

        using var changed = await client.PutBucketAsync("default", """{ "description": "all", "retentionHours": 24 }""");
        using var unconfirmed = await client.DeleteBucketAsync("default");
        using var deleted = await client.DeleteBucketAsync("default", confirm: "default");

        await changed.ShouldBeAsync(HttpStatusCode.OK);
        await unconfirmed.ShouldFailAsync(HttpStatusCode.Conflict, "conflict");
        await deleted.ShouldFailAsync(HttpStatusCode.Conflict, "conflict");
        ShouldHaveRules(await client.ReadBucketAsync("default"), "all", 24);
    }

    [Fact]
    public async Task Deletion_tells_first_what_would_be_lost_and_then_takes_all_with_it()
    {
        await _client.CreateBucketAsync("doomed", """{ "description": "x", "retentionHours": 24 }""");
        await StoreAsync("doomed", """[ { "device": "d", "fields": { "v": 1 } }, { "device": "e", "fields": { "v": 2 } } ]""");

        using var asked = await _client.DeleteBucketAsync("doomed");
        var error = await asked.ShouldFailAsync(HttpStatusCode.BadRequest, "confirmation_required");
        Assert.Contains("its 2 measurements", error.Message, StringComparison.Ordinal);
        Assert.Contains("?confirm=doomed", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, await CountAsync("doomed"));

        using var deleted = await _client.DeleteBucketAsync("doomed", confirm: "doomed");
        await deleted.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal("""{"status":"deleted","name":"doomed"}""", await deleted.Content.ReadAsStringAsync(Cancel));
        await ShouldBeGoneAsync("doomed");
    }

    [Theory]
    [InlineData("DOOMED-2")]
    [InlineData("true")]
    [InlineData("")]
    public async Task Deletion_is_confirmed_by_the_exact_name_only(string confirm)
    {
        using var _ = await _client.PutBucketAsync("doomed-2");

        using var refused = await _client.DeleteBucketAsync("doomed-2", confirm);

        await refused.ShouldFailAsync(HttpStatusCode.BadRequest, "confirmation_required");
        await _client.ReadBucketAsync("doomed-2");
    }

    [Fact]
    public async Task Bucket_of_the_same_name_made_again_knows_nothing_of_the_first()
    {
        await _client.CreateBucketAsync("phoenix", """{ "description": "first", "retentionHours": 24 }""");
        await StoreAsync("phoenix", """[ { "device": "d", "fields": { "v": 1, "typed": true } } ]""");
        Assert.Equal(1, await CountAsync("phoenix"));
        using var deleted = await _client.DeleteBucketAsync("phoenix", confirm: "phoenix");
        await deleted.ShouldBeAsync(HttpStatusCode.OK);

        using var created = await _client.PutBucketAsync("phoenix");

        await created.ShouldBeAsync(HttpStatusCode.Created);
        Assert.Equal(
            """{"name":"phoenix","description":"","retentionHours":null,"measurements":0,"bytes":0}""", await created.Content.ReadAsStringAsync(Cancel));
        Assert.Equal(0, await CountAsync("phoenix"));
        Assert.Empty(await ItemsAsync("/measurements/latest?bucket=phoenix"));
        await StoreAsync("phoenix", """[ { "device": "d", "fields": { "typed": "now a text" } } ]""");
        Assert.Equal(1, await CountAsync("phoenix"));
    }

    [Fact]
    public async Task Buckets_hold_apart_what_is_written_to_them()
    {
        await _client.CreateBucketAsync("apart-1");
        await _client.CreateBucketAsync("apart-2");

        await StoreAsync("apart-1", """[ { "device": "d", "name": "n", "timestamp": 1000, "fields": { "v": 1 } } ]""");
        await StoreAsync("apart-2", """[ { "device": "d", "name": "n", "timestamp": 1000, "fields": { "v": "text" } } ]""");

        Assert.Equal("""{"v":1}""", Assert.Single(await ItemsAsync("/measurements?bucket=apart-1&from=0")).GetProperty("fields").GetRawText());
        Assert.Equal("""{"v":"text"}""", Assert.Single(await ItemsAsync("/measurements?bucket=apart-2&from=0")).GetProperty("fields").GetRawText());
        Assert.Empty(await ItemsAsync("/measurements?device=d&from=0"));
    }

    [Fact]
    public async Task Buckets_are_there_after_the_process_was_killed()
    {
        await using var server = await IotServer.StartAsync();
        var client = server.Client();
        await client.CreateBucketAsync("kept", """{ "description": "stays", "retentionHours": 24 }""");
        await client.CreateBucketAsync("dropped");
        using (var changed = await client.PutBucketAsync("kept", """{ "description": "stays", "retentionHours": 48 }"""))
            await changed.ShouldBeAsync(HttpStatusCode.OK);
        using (var deleted = await client.DeleteBucketAsync("dropped", confirm: "dropped"))
            await deleted.ShouldBeAsync(HttpStatusCode.OK);
        var tag = await client.ReadETagAsync("kept");

        await server.KillAsync();
        await server.RestartAsync();

        client = server.Client();
        Assert.Equal(["default", "kept"], (await client.ListBucketsAsync()).Names);
        ShouldHaveRules(await client.ReadBucketAsync("kept"), "stays", 48);
        Assert.Equal(tag, await client.ReadETagAsync("kept"));
    }

    [Fact]
    public async Task Count_follows_what_is_stored_within_seconds()
    {
        await _client.CreateBucketAsync("counted");
        await StoreAsync("counted", """[ { "device": "d", "timestamp": 1, "fields": { "v": 1 } }, { "device": "d", "timestamp": 2, "fields": { "v": 2, "w": 3 } } ]""");

        await Eventually.TrueAsync(
            async () => (await _client.ReadBucketAsync("counted")).GetProperty("measurements").GetInt64() == 2, "both measurements are counted");
        var listed = (await ItemsAsync(BucketRequests.Path)).Single(item => item.GetProperty("name").GetString() == "counted");
        Assert.Equal(2, listed.GetProperty("measurements").GetInt64());
    }

    private static void ShouldHaveRules(JsonElement bucket, string description, int? hours)
    {
        Assert.Equal(description, bucket.GetProperty("description").GetString());
        Assert.Equal(hours, bucket.GetProperty("retentionHours").Deserialize<int?>());
    }

    private async Task ShouldBeGoneAsync(string bucket)
    {
        foreach (var address in new[] { BucketRequests.AddressOf(bucket), "/measurements?bucket=" + bucket, "/measurements/latest?bucket=" + bucket })
        {
            using var read = await _client.GetAsync(address, Cancel);
            await read.ShouldFailAsync(HttpStatusCode.NotFound, "bucket_not_found");
        }

        using var written = await _client.PostJsonAsync($"{Posting.One}?bucket={bucket}", """{ "device": "d", "fields": { "v": 1 } }""");
        await written.ShouldFailAsync(HttpStatusCode.NotFound, "bucket_not_found");
        using var again = await _client.DeleteBucketAsync(bucket, confirm: bucket);
        await again.ShouldFailAsync(HttpStatusCode.NotFound, "bucket_not_found");
        Assert.DoesNotContain(bucket, (await _client.ListBucketsAsync("?limit=1000")).Names);
    }

    private async Task StoreAsync(string bucket, string batch)
    {
        using var response = await _client.PostJsonAsync($"{Posting.Many}?bucket={bucket}", batch);
        await response.ShouldBeAsync(HttpStatusCode.Created);
    }

    private async Task<int> CountAsync(string bucket) =>
        await _client.ReadAllAsync($"bucket={bucket}&from=0", cancellationToken: Cancel).CountAsync(Cancel);

    private async Task<IReadOnlyList<JsonElement>> ItemsAsync(string address)
    {
        using var response = await _client.GetAsync(address, Cancel);
        await response.ShouldBeAsync(HttpStatusCode.OK);
        return [.. (await response.ReadJsonAsync()).GetProperty("items").EnumerateArray()];
    }
}
