using IotBackend.Application.Buckets;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;
using NSubstitute;
using Xunit;
using ZiggyCreatures.Caching.Fusion;

namespace IotBackend.UnitTests.Buckets;

public sealed class ListBucketsTests : IDisposable
{
    private readonly FusionCache _cache = new(new FusionCacheOptions());
    private readonly IBucketStore _store = TestBuckets.Store([.. new[] { "a", "b", "z", "ä" }.Select(name => TestBuckets.Bucket(name))]);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _cache.Dispose();

    [Theory]
    [InlineData(4, null, "a b z ä", false)]
    [InlineData(3, null, "a b z", true)]
    [InlineData(2, "a", "b z", true)]
    [InlineData(2, "b", "z ä", false)]
    [InlineData(9, "bb", "z ä", false)]
    [InlineData(9, "z", "ä", false)]
    [InlineData(9, "ä", "", false)]
    public async Task Pages_follow_the_bytes_of_the_names(int limit, string? after, string expected, bool hasMore)
    {
        var page = (await ListAsync(limit, after)).Value;

        Assert.Equal((expected, hasMore), (Names(page), page.HasMore));
    }

    [Fact]
    public async Task Key_with_buckets_is_shown_no_other_and_no_others_figures()
    {
        var page = (await ListAsync(1, null, "z", "b", "absent")).Value;

        Assert.Equal(("b", true), (Names(page), page.HasMore));
        await _store.DidNotReceive().MeasureAsync(TestBuckets.Name("a"), Arg.Any<CancellationToken>());
        await _store.DidNotReceive().MeasureAsync(TestBuckets.Name("z"), Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task Outage_of_the_store_goes_out_as_it_is()
    {
        _store.ListAsync(Cancellation).ReturnsForAnyArgs(Result<IReadOnlyList<Bucket>>.Failure(TestBuckets.Outage));

        Assert.Equal(TestBuckets.Outage, (await ListAsync(1, null)).Error);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(1_000, true)]
    [InlineData(1_001, false)]
    public void Limit_is_from_1_to_1000(int limit, bool isValid)
    {
        var result = new ListBucketsValidator().Validate(new ListBuckets(limit, null));

        Assert.Equal(isValid, result.IsValid);
        Assert.All(result.Errors, error => Assert.Equal(("limit", ErrorCodes.InvalidParameter), (error.PropertyName, error.ErrorCode)));
    }

    [Fact]
    public void It_takes_the_scope_admin_and_no_particular_bucket()
    {
        var request = new ListBuckets(1, null);
        Assert.Equal(Scopes.Admin, request.RequiredScope);
        Assert.Null(request.AuthorizeObjects(TestBuckets.Caller("only")));
    }

    private static string Names(BucketPage page) => string.Join(' ', page.Items.Select(item => item.Bucket.Name));

    private Task<Result<BucketPage>> ListAsync(int limit, string? after, params string[] allowed) =>
        new ListBucketsHandler(_store, new BucketUsages(_store, _cache, TimeProvider.System), TestBuckets.Context(allowed))
            .Handle(new ListBuckets(limit, after is null ? null : TestBuckets.Name(after)), Cancellation);
}
