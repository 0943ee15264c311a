using IotBackend.Application.Buckets;
using IotBackend.Domain.Results;
using NSubstitute;
using Xunit;
using ZiggyCreatures.Caching.Fusion;

namespace IotBackend.UnitTests.Buckets;

public sealed class ReadBucketTests : IDisposable
{
    private readonly FusionCache _cache = new(new FusionCacheOptions());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _cache.Dispose();

    [Fact]
    public async Task Bucket_comes_with_what_it_holds()
    {
        var bucket = TestBuckets.Bucket("a", hours: 1);

        Assert.Equal(new MeasuredBucket(bucket, new BucketUsage(1, null)), (await ReadAsync(TestBuckets.Store(bucket))).Value);
    }

    [Fact]
    public async Task Bucket_that_is_not_there_is_not_measured()
    {
        var store = TestBuckets.Store();

        Assert.Equal(ErrorCodes.BucketNotFound, (await ReadAsync(store)).Error?.Code);
        await store.DidNotReceiveWithAnyArgs().MeasureAsync(default!, Cancellation);
    }

    private Task<Result<MeasuredBucket>> ReadAsync(IBucketStore store) =>
        new ReadBucketHandler(store, new BucketUsages(store, _cache, TimeProvider.System))
            .Handle(new ReadBucket(TestBuckets.Name("a")), Cancellation);
}
