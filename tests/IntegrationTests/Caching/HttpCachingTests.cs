using System.Net;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Caching;

/// <summary>What a client sees of the cache.</summary>
public sealed class HttpCachingTests(AccessServerFixture fixture) : IClassFixture<AccessServerFixture>
{
    private const string Vary = "X-API-Key, Authorization, Accept, Accept-Encoding";

    private readonly HttpClient _client = fixture.Server.Client(fixture.Server.AdminKey);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Second_answer_about_a_closed_range_comes_from_the_cache_and_is_the_same()
    {
        await _client.StoreAsync("second", 1);
        using var first = await _client.AskAsync($"/measurements?device=second&{CachingSteps.Closed}");
        using var second = await _client.AskAsync($"/measurements?device=second&{CachingSteps.Closed}");

        Assert.Equal("IotBackend; fwd=miss; stored", first.CacheStatus());
        Assert.Matches("^IotBackend; hit; ttl=3[56][0-9][0-9]$", second.CacheStatus());
        Assert.Equal(await first.Content.ReadAsByteArrayAsync(Cancellation), await second.Content.ReadAsByteArrayAsync(Cancellation));
        Assert.Equal(first.Headers.ETag, second.Headers.ETag);
        Assert.Equal(first.Content.Headers.ContentType, second.Content.Headers.ContentType);
        Assert.Equal("max-age=60, private", second.Headers.CacheControl!.ToString());
        Assert.Equal(Vary, string.Join(", ", second.Headers.Vary));
        Assert.False(second.Headers.Contains("Age"));
    }

    [Fact]
    public async Task Range_that_touches_now_is_cached_but_revalidated_by_every_client()
    {
        await _client.StoreAsync("open", 1, timestamp: null);
        using var response = await _client.AskAsync("/measurements?device=open");

        Assert.Equal("IotBackend; fwd=miss; stored", response.CacheStatus());
        Assert.Equal("max-age=0, private", response.Headers.CacheControl!.ToString());
        Assert.False(response.Headers.ETag!.IsWeak);
        await Eventually.TrueAsync(
            async () =>
            {
                await (await _client.AskAsync("/measurements?device=open")).ShouldBeAsync(HttpStatusCode.OK);
                using var again = await _client.AskAsync("/measurements?device=open");
                return again.CacheStatus() == "IotBackend; hit; ttl=0";
            },
            "two requests within a second, of which the second is a hit");
    }

    [Theory]
    [InlineData("{0}", true)]
    [InlineData("W/{0}", true)]
    [InlineData("\"other\", {0}", true)]
    [InlineData("\"other\" , W/{0}, \"more\"", true)]
    [InlineData("*", true)]
    [InlineData("\"other\"", false)]
    [InlineData("{0", false)]
    [InlineData("", false)]
    public async Task Answer_that_the_client_has_is_304_with_the_headers_of_a_200(string known, bool isKnown)
    {
        await _client.StoreAsync("known", 1);
        using var first = await _client.AskAsync($"/measurements?device=known&{CachingSteps.Closed}");
        var etag = first.Headers.ETag!.Tag;
        using var second = await _client.AskAsync($"/measurements?device=known&{CachingSteps.Closed}", known.Replace("{0}", etag, StringComparison.Ordinal));

        Assert.Equal(isKnown ? HttpStatusCode.NotModified : HttpStatusCode.OK, second.StatusCode);
        Assert.Equal(etag, second.Headers.ETag!.Tag);
        Assert.Equal("max-age=60, private", second.Headers.CacheControl!.ToString());
        Assert.Equal(Vary, string.Join(", ", second.Headers.Vary));
        Assert.StartsWith("IotBackend; hit; ttl=", second.CacheStatus(), StringComparison.Ordinal);
        Assert.Equal(isKnown, (await second.Content.ReadAsByteArrayAsync(Cancellation)).Length == 0);
        Assert.Equal(isKnown, second.Content.Headers.ContentType is null);
    }

    [Fact]
    public async Task Late_write_changes_the_answer_and_its_tag()
    {
        await _client.StoreAsync("late", 1);
        using var first = await _client.AskAsync($"/measurements?device=late&{CachingSteps.Closed}");

        await _client.StoreAsync("late", 2);
        using var second = await _client.AskAsync($"/measurements?device=late&{CachingSteps.Closed}", first.Headers.ETag!.Tag);

        Assert.Equal([2], await second.ValuesAsync());
        Assert.Equal("IotBackend; fwd=miss; stored", second.CacheStatus());
        Assert.NotEqual(first.Headers.ETag, second.Headers.ETag);
    }

    [Fact]
    public async Task Late_write_of_another_device_or_day_leaves_the_answer()
    {
        await _client.StoreAsync("stays", 1);
        await _client.AskAsync($"/measurements?device=stays&{CachingSteps.Closed}");

        await _client.StoreAsync("another", 2);
        await _client.StoreAsync("stays", 3, "2020-02-15T00:00:00Z");
        await _client.StoreAsync("stays", 3, timestamp: null);
        using var again = await _client.AskAsync($"/measurements?device=stays&{CachingSteps.Closed}");

        Assert.StartsWith("IotBackend; hit", again.CacheStatus(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/measurements?device=head&" + CachingSteps.Closed)]
    [InlineData("/measurements/latest?device=head")]
    public async Task Head_has_the_headers_of_get_and_no_body(string address)
    {
        await _client.StoreAsync("head", 1);
        using var get = await _client.AskAsync(address);
        using var head = await _client.AskAsync(address, method: HttpMethod.Head);
        using var known = await _client.AskAsync(address, get.Headers.ETag!.Tag, HttpMethod.Head);

        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(get.Headers.ETag, head.Headers.ETag);
        Assert.Equal(get.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Cancellation));
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
    }

    [Fact]
    public async Task Refusal_says_nothing_of_the_cache_but_that_it_is_this_callers()
    {
        using var refused = await _client.AskAsync("/measurements?limit=0", "*");

        await refused.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_parameter");
        Assert.False(refused.Headers.Contains("Cache-Status"));
        Assert.Null(refused.Headers.ETag);
        Assert.True(refused.Headers.CacheControl!.NoStore);
        Assert.Equal(Vary, string.Join(", ", refused.Headers.Vary));
    }

    [Fact]
    public async Task Pages_of_a_cached_query_follow_each_other()
    {
        for (var i = 0; i < 5; i++)
            await _client.StoreAsync("pages", i, $"2020-01-1{i}T00:00:00Z");
        for (var round = 0; round < 2; round++)
        {
            var read = await _client.ReadAllAsync($"device=pages&order=asc&{CachingSteps.Closed}", limit: 2, Cancellation).ToArrayAsync(Cancellation);
            Assert.Equal(5, read.Length);
        }

        using var next = await _client.AskAsync($"/measurements?device=pages&order=asc&{CachingSteps.Closed}&limit=2");
        Assert.StartsWith("IotBackend; hit", next.CacheStatus(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Newest_values_see_a_late_write_of_a_device_that_has_no_newer_one()
    {
        await _client.StoreAsync("newest", 1, "2020-01-15T12:00:00Z");
        await _client.AskAsync("/measurements/latest?device=newest");
        await _client.StoreAsync("newest", 2, "2020-01-15T13:00:00Z");
        using var latest = await _client.AskAsync("/measurements/latest?device=newest");

        Assert.Contains("13:00:00Z", await latest.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_thousand_equal_queries_at_once_ask_the_store_once()
    {
        await _client.StoreAsync("crowd", 1);
        var before = fixture.Server.Cache().Figures;

        var answers = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(_ => _client.AskAsync($"/measurements?device=crowd&{CachingSteps.Closed}")));

        Assert.All(await Task.WhenAll(answers.Select(answer => answer.ValuesAsync())), values => Assert.Equal([1], values));
        Assert.Equal(1, fixture.Server.Cache().Figures.Misses - before.Misses);
    }
}
