using IotBackend.Application.Buckets;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Xunit;
using ZiggyCreatures.Caching.Fusion;

namespace IotBackend.UnitTests.Buckets;

public sealed class BucketUsagesTests : IDisposable
{
    private static readonly BucketUsage Unknown = new(null, null);

    private readonly FakeTimeProvider _time = new();
    private readonly FusionCache _cache = new(new FusionCacheOptions());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _cache.Dispose();

    [Fact]
    public async Task Each_bucket_gets_its_own_figures_in_the_order_given()
    {
        var buckets = new[] { TestBuckets.Bucket("ccc"), TestBuckets.Bucket("a"), TestBuckets.Bucket("bb") };

        var measured = await Usages(TestBuckets.Store(buckets)).MeasureAsync(buckets, Cancellation);

        Assert.Equal(buckets.Select(bucket => new MeasuredBucket(bucket, TestBuckets.UsageOf(bucket.Name))), measured);
    }

    [Fact]
    public async Task Bucket_is_measured_once_however_often_and_wherever_it_is_asked_for()
    {
        var store = TestBuckets.Store(TestBuckets.Bucket("a"));
        var usages = Usages(store);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => usages.MeasureAsync(TestBuckets.Bucket("a"), Cancellation)));
        await usages.MeasureAsync([TestBuckets.Bucket("a"), TestBuckets.Bucket("b")], Cancellation);

        await store.Received(1).MeasureAsync(TestBuckets.Name("a"), Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task Rules_are_those_given_and_not_those_that_were_measured_with()
    {
        var usages = Usages(TestBuckets.Store());
        await usages.MeasureAsync(TestBuckets.Bucket("a", hours: 1), Cancellation);

        var measured = await usages.MeasureAsync(TestBuckets.Bucket("a", hours: 2), Cancellation);

        Assert.Equal(2, measured.Bucket.Retention.Hours);
    }

    [Fact]
    public async Task Forgotten_bucket_is_measured_anew()
    {
        var store = TestBuckets.Store();
        var usages = Usages(store);
        await usages.MeasureAsync([TestBuckets.Bucket("a"), TestBuckets.Bucket("b")], Cancellation);

        await usages.ForgetAsync(TestBuckets.Name("a"), Cancellation);
        await usages.MeasureAsync([TestBuckets.Bucket("a"), TestBuckets.Bucket("b")], Cancellation);

        await store.Received(2).MeasureAsync(TestBuckets.Name("a"), Arg.Any<CancellationToken>());
        await store.Received(1).MeasureAsync(TestBuckets.Name("b"), Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task What_the_store_can_not_tell_is_unknown_and_not_asked_again_at_once()
    {
        var store = TestBuckets.Store();
        store.MeasureAsync(TestBuckets.Name("b"), Arg.Any<CancellationToken>()).Returns(Result<BucketUsage>.Failure(TestBuckets.Outage));
        var usages = Usages(store);

        var measured = await usages.MeasureAsync([TestBuckets.Bucket("a"), TestBuckets.Bucket("b")], Cancellation);
        await usages.MeasureAsync(TestBuckets.Bucket("b"), Cancellation);

        Assert.Equal([TestBuckets.UsageOf(TestBuckets.Name("a")), Unknown], measured.Select(bucket => bucket.Usage));
        await store.Received(1).MeasureAsync(TestBuckets.Name("b"), Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task Buckets_of_a_page_are_measured_few_at_a_time()
    {
        var (running, most) = (0, 0);
        var gate = new TaskCompletionSource();
        var store = new MeasuringStore((_, _) => MeasureAsync());
        var page = Enumerable.Range(0, 40).Select(i => TestBuckets.Bucket($"b{i}")).ToArray();

        var asking = Usages(store).MeasureAsync(page, Cancellation);
        await Task.WhenAny(gate.Task, asking);
        var measured = await asking;

        Assert.Equal(BucketUsages.AtOnce, most);
        Assert.Equal(page.Length, measured.Count(bucket => bucket.Usage.Measurements == 1));

        async Task<Result<BucketUsage>> MeasureAsync()
        {
            var now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            if (now == BucketUsages.AtOnce)
                gate.TrySetResult();
            await gate.Task;
            await Task.Yield();
            Interlocked.Decrement(ref running);
            return new BucketUsage(1, 1);
        }
    }

    [Fact]
    public async Task Nobody_waits_longer_than_patience_and_the_rest_is_unknown()
    {
        var store = new MeasuringStore((name, token) => name.Value == "slow" ? HangAsync(token) : Task.FromResult(Result<BucketUsage>.Success(Unknown)));

        var asking = Usages(store).MeasureAsync([TestBuckets.Bucket("fast"), TestBuckets.Bucket("slow")], Cancellation);
        _time.Advance(BucketUsages.Patience - TimeSpan.FromTicks(1));
        await Task.Yield();
        Assert.False(asking.IsCompleted);
        _time.Advance(TimeSpan.FromTicks(1));
        var measured = await asking.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);

        Assert.Equal(Unknown, measured[1].Usage);
    }

    [Fact]
    public async Task Figures_that_came_too_late_serve_whoever_asks_next()
    {
        var (answer, asked) = (new TaskCompletionSource<Result<BucketUsage>>(), 0);
        var usages = Usages(new MeasuringStore((_, _) =>
        {
            asked++;
            return answer.Task;
        }));
        var first = usages.MeasureAsync(TestBuckets.Bucket("slow"), Cancellation);
        _time.Advance(BucketUsages.Patience);
        Assert.Equal(Unknown, (await first).Usage);

        var second = usages.MeasureAsync(TestBuckets.Bucket("slow"), Cancellation);
        answer.SetResult(new BucketUsage(7, 8));

        Assert.Equal(new BucketUsage(7, 8), (await second).Usage);
        Assert.Equal(1, asked);
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(1, 10)]
    [InlineData(1.5, 15)]
    [InlineData(60, 600)]
    public void Figures_serve_ten_seconds_and_longer_when_they_took_long(double took, double served) =>
        Assert.Equal(TimeSpan.FromSeconds(served), BucketUsages.LifetimeOf(TimeSpan.FromSeconds(took)));

    [Fact]
    public async Task Store_that_looks_before_it_returns_is_not_waited_for_longer()
    {
        using var gate = new ManualResetEventSlim();
        var asking = Usages(new MeasuringStore((_, _) =>
        {
            gate.Wait(Cancellation);
            return Task.FromResult(Result<BucketUsage>.Success(Unknown));
        })).MeasureAsync(TestBuckets.Bucket("slow"), Cancellation);

        _time.Advance(BucketUsages.Patience);

        Assert.Equal(Unknown, (await asking).Usage);
        gate.Set();
    }

    [Fact]
    public async Task Whoever_gives_up_is_not_answered()
    {
        using var caller = new CancellationTokenSource();

        var asking = Usages(new MeasuringStore((_, token) => HangAsync(token))).MeasureAsync(TestBuckets.Bucket("slow"), caller.Token);
        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    private BucketUsages Usages(IBucketStore store) => new(store, _cache, _time);

    private static async Task<Result<BucketUsage>> HangAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        return Unknown;
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = most; value > seen; seen = most)
            Interlocked.CompareExchange(ref most, value, seen);
    }

    /// <summary>A store of which only the measuring is asked.</summary>
    private sealed class MeasuringStore(Func<BucketName, CancellationToken, Task<Result<BucketUsage>>> measure) : IBucketStore
    {
        public async ValueTask<Result<BucketUsage>> MeasureAsync(BucketName name, CancellationToken cancellationToken) => await measure(name, cancellationToken);

        public ValueTask<Result<Bucket>> FindAsync(BucketName name, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<Result<IReadOnlyList<Bucket>>> ListAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<Result<BucketChange>> SaveAsync(Bucket bucket, BucketCondition condition, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<Result<Bucket>> DeleteAsync(BucketName name, BucketCondition condition, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
