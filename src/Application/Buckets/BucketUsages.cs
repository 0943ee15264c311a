using IotBackend.Domain.Buckets;
using ZiggyCreatures.Caching.Fusion;

namespace IotBackend.Application.Buckets;

/// <summary>
/// How much buckets hold. Looking is dear, so each bucket is measured at most once in a while, few at a time, and nobody waits longer
/// than <see cref="Patience"/>: what is not known by then is told as unknown. So is what the store can not tell now.
/// </summary>
internal sealed class BucketUsages(IBucketStore store, IFusionCache cache, TimeProvider time)
{
    public const int AtOnce = 4;

    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private const int LifetimeByEffort = 10;
    private static readonly TimeSpan ShortestLifetime = TimeSpan.FromSeconds(10);
    private static readonly BucketUsage Unknown = new(null, null);
    private static readonly FusionCacheEntryOptions Everywhere = new FusionCacheEntryOptions().SetSkipBackplaneNotifications(false);

    /// <summary>How long figures serve that took so long to find: a store with much in it is not kept busy with counting it.</summary>
    public static TimeSpan LifetimeOf(TimeSpan took) => took * LifetimeByEffort > ShortestLifetime ? took * LifetimeByEffort : ShortestLifetime;

    public async Task<MeasuredBucket> MeasureAsync(Bucket bucket, CancellationToken cancellationToken) =>
        (await MeasureAsync([bucket], cancellationToken))[0];

    /// <summary>The buckets in the order in which they are given.</summary>
    public async Task<IReadOnlyList<MeasuredBucket>> MeasureAsync(IReadOnlyList<Bucket> buckets, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        var measured = buckets.Select(bucket => new MeasuredBucket(bucket, Unknown)).ToArray();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = either.Token };
        try
        {
            await Parallel.ForAsync(0, measured.Length, parallel, async (i, token) =>
                measured[i] = measured[i] with { Usage = await AskAsync(buckets[i].Name, token) });
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Patience is over: the rest stays unknown.
        }

        return measured;
    }

    /// <summary>Forgets what was known, because the bucket is another now.</summary>
    public ValueTask ForgetAsync(BucketName name, CancellationToken cancellationToken) => cache.RemoveAsync(KeyOf(name), Everywhere, cancellationToken);

    private static string KeyOf(BucketName name) => "bucket-usage:" + name;

    // Whoever gives up only stops waiting: the store's answer is for all who ask, now and next.
    private Task<BucketUsage> AskAsync(BucketName name, CancellationToken cancellationToken) => cache.GetOrSetAsync<BucketUsage>(
        KeyOf(name),
        async (context, _) =>
        {
            var start = time.GetTimestamp();

            // A store may look all the way before it returns, and the caller would have to wait.
            var usage = await Task.Run(async () => await store.MeasureAsync(name, CancellationToken.None));
            context.Options.SetDuration(LifetimeOf(time.GetElapsedTime(start)));

            // A failure is kept as well: a store that can not answer is not asked more often than one that can.
            return usage.IsSuccess ? usage.Value : Unknown;
        },
        options => options.SetDuration(ShortestLifetime),
        ["bucket:" + name],
        CancellationToken.None).AsTask().WaitAsync(cancellationToken);
}
