using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Buckets;

public sealed class BucketListTests(IotServerFixture fixture) : IClassFixture<IotServerFixture>
{
    private readonly HttpClient _client = fixture.Server.Client();

    [Fact]
    public async Task List_is_paged_in_the_order_of_the_names_bytes_while_buckets_come_and_go()
    {
        foreach (var name in new[] { "z", "ä", "Z", "a/b", "a b", "e", "温" })
            await _client.CreateBucketAsync(name);

        var names = new List<string>();
        for (var query = "?limit=2"; ;)
        {
            var (page, cursor) = await _client.ListBucketsAsync(query);
            names.AddRange(page);
            Assert.True(page.Count == 2 || cursor is null, "A page that is not the last is not full.");
            if (cursor is null)
                break;
            query = "?limit=2&cursor=" + cursor;

            // What the cursor names may be gone, and what comes before it is no longer seen.
            using var deleted = await _client.DeleteBucketAsync(page[^1], confirm: page[^1]);
            using var created = await _client.PutBucketAsync("A");
        }

        Assert.Equal(["Z", "a b", "a/b", "default", "e", "z", "ä", "温"], names);
    }
}
