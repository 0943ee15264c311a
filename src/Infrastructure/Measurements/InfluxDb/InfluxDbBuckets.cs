using System.Collections.Frozen;
using System.Text;
using IotBackend.Application.ApiKeys;
using IotBackend.Application.Buckets;
using IotBackend.Application.Caching;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using IotBackend.Infrastructure.Devices;
using IotBackend.Infrastructure.Measurements.Spool;
using Microsoft.Extensions.Logging;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>
/// Buckets in InfluxDB, which alone knows which there are; a copy in memory answers requests. Conditions are checked under a lock of this
/// process: InfluxDB has no way to change something only if it is still as it was.
/// </summary>
internal sealed partial class InfluxDbBuckets(
    InfluxDbClient client, DialectSource dialects, BucketChannels channels, MeasurementReader reader, PointDeleter deleter, OutageGate gate, KnownBuckets known, TimeProvider time, ILogger<InfluxDbBuckets> logger, SpoolQueue? spool = null, AnswerInvalidation? invalidation = null, DeviceDirectory? devices = null, KnownSeries? series = null)
    : IBucketStore
{
    private static readonly TimeSpan AskedLately = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CountPatience = TimeSpan.FromSeconds(5);

    private readonly Turn _changing = new();
    private FrozenDictionary<BucketName, Result<Bucket>> _buckets = Index(known.Load());
    private long? _listedAt;
    private volatile bool _hasDefault;

    public async ValueTask<Result<Bucket>> FindAsync(BucketName name, CancellationToken cancellationToken)
    {
        if (_buckets.TryGetValue(name, out var found))
            return found;

        // Another node may have made it since; but a request waits no longer for that than for anything else of InfluxDB's.
        if (gate.IsShut)
            return Failures.Unavailable;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(gate.Patience);
        try
        {
            var listed = await ListAsync(isLateEnough: true, patience.Token);
            if (listed.Error is { } error)
                return error;
            return _buckets.TryGetValue(name, out found) ? found : Failures.NoBucket(name);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            gate.Report(works: false);
            return Failures.Unavailable;
        }
    }

    public ValueTask<Result<IReadOnlyList<Bucket>>> ListAsync(CancellationToken cancellationToken) => ListAsync(isLateEnough: false, cancellationToken);

    public ValueTask<Result<BucketChange>> SaveAsync(Bucket bucket, BucketCondition condition, CancellationToken cancellationToken) =>
        ChangeAsync<BucketChange>(
            bucket.Name,
            async (administration, current) =>
            {
                if (condition.Check(current) is { } error)
                    return error;
                if (current is null)
                    await administration.CreateAsync(bucket, CancellationToken.None);
                else if (current != bucket)
                    await ChangeAsync(administration, current, bucket);
                return new BucketChange(bucket, current is null);
            },
            cancellationToken);

    public ValueTask<Result<Bucket>> DeleteAsync(BucketName name, BucketCondition condition, CancellationToken cancellationToken) =>
        ChangeAsync<Bucket>(
            name,
            async (administration, current) =>
            {
                if (name == BucketName.Default)
                    return new Error(ErrorKind.Conflict, ErrorCodes.Conflict, $"The bucket '{name}' always exists.");
                if (current is null)
                    return Failures.NoBucket(name);
                if (condition.Check(current) is { } error)
                    return error;
                return await channels.Of(name).EndAsync(
                    async () =>
                    {
                        await administration.DeleteAsync(name, CancellationToken.None);
                        await DropFromSpoolAsync(name);
                        await ForgetDevicesAsync(name);
                        return current;
                    },
                    cancellationToken);
            },
            cancellationToken);

    public ValueTask<Result<BucketUsage>> MeasureAsync(BucketName name, CancellationToken cancellationToken) =>
        Failures.CatchAsync<BucketUsage>(logger, name, async () =>
        {
            if ((await FindAsync(name, cancellationToken)).Error is { } error)
                return error;
            var administration = await client.AdministerAsync(cancellationToken);
            var bytes = await administration.BytesAsync(name, cancellationToken);
            return new BucketUsage(await CountAsync(name, cancellationToken), bytes);
        });

    /// <summary>Asks InfluxDB which buckets there are, and makes the default one if it is missing.</summary>
    public async ValueTask RefreshAsync(CancellationToken cancellationToken)
    {
        var listed = await ListAsync(isLateEnough: false, cancellationToken);
        if (listed.Error is null && !_hasDefault)
            await SaveAsync(Bucket.Default, BucketCondition.IsNew, cancellationToken);
    }

    private ValueTask<Result<T>> ChangeAsync<T>(
        BucketName name, Func<IBucketAdministration, Bucket?, Task<Result<T>>> change, CancellationToken cancellationToken) =>
        Failures.CatchAsync(logger, name, () => _changing.RunAsync(
            async () =>
            {
                if (gate.IsShut)
                    return Failures.Unavailable;
                var dialect = await dialects.GetAsync(cancellationToken);
                if (dialect.RefuseName(name) is { } wrong)
                    throw new InfluxDbException(InfluxDbFailure.NotSupported, $"{dialect.Name} can not have a bucket of this name: it {wrong}.");
                var administration = dialect.Administer(client);
                var current = (await administration.ListAsync(cancellationToken)).FirstOrDefault(bucket => bucket.Name == name);
                var result = await change(administration, current);
                await TakeAsync(await administration.ListAsync(CancellationToken.None));
                return result;
            },
            cancellationToken));

    // If it can not be done now, the drain finds out that the bucket is gone, and sets it aside.
    private async Task DropFromSpoolAsync(BucketName name)
    {
        try
        {
            if (spool is not null)
                await spool.DropAsync(name);
        }
        catch (IOException exception)
        {
            Log.NotDropped(logger, exception, name.Value);
        }
    }

    // A bucket of the same name begins without them.
    private async Task ForgetDevicesAsync(BucketName name)
    {
        series?.Forget(name, null);
        try
        {
            if (devices is not null)
                await devices.ForgetAsync(name, null, CancellationToken.None);
        }
        catch (KeyStoreUnavailableException exception)
        {
            Log.DevicesNotForgotten(logger, exception, name.Value);
        }
    }

    // Once begun, a change is not given up because the client does.
    // What was too old must not come back when more is kept from now on; InfluxDB itself may not have deleted it yet.
    private async Task ChangeAsync(IBucketAdministration administration, Bucket current, Bucket next)
    {
        if (next.Retention != current.Retention)
            await deleter.DeleteOlderAsync(current.Name, current.Retention.OldestAt(Timestamp.From(time.GetUtcNow())), CancellationToken.None);
        await administration.ChangeAsync(next, CancellationToken.None);
        if (next.Retention != current.Retention)
            await deleter.DeleteOlderAsync(current.Name, next.Retention.OldestAt(Timestamp.From(time.GetUtcNow())), CancellationToken.None);
    }

    private async ValueTask<Result<IReadOnlyList<Bucket>>> ListAsync(bool isLateEnough, CancellationToken cancellationToken) =>
        await Failures.CatchAsync<IReadOnlyList<Bucket>>(logger, null, () => _changing.RunAsync<Result<IReadOnlyList<Bucket>>>(async () =>
        {
            if (gate.IsShut)
                return Failures.Unavailable;
            if (!isLateEnough || _listedAt is null || time.GetElapsedTime(_listedAt.Value) > AskedLately)
                await TakeAsync(await (await client.AdministerAsync(cancellationToken)).ListAsync(cancellationToken));
            return _buckets.Values.Select(bucket => bucket.Value).OrderBy(bucket => Encoding.UTF8.GetBytes(bucket.Name.Value), Utf8Order.Instance).ToArray();
        }, cancellationToken));

    private async Task TakeAsync(IReadOnlyList<Bucket> buckets)
    {
        _hasDefault = buckets.Any(bucket => bucket.Name == BucketName.Default);
        var next = Index(_hasDefault ? buckets : [.. buckets, Bucket.Default]);
        var isSame = next.Count == _buckets.Count && next.All(pair => _buckets.TryGetValue(pair.Key, out var there) && there.Value == pair.Value.Value);
        _listedAt = time.GetTimestamp();
        if (isSame)
            return;
        var gone = _buckets.Keys.Where(name => !next.ContainsKey(name)).ToArray();
        var others = _buckets.Values.Select(bucket => bucket.Value).Where(bucket => next.TryGetValue(bucket.Name, out var now) && now.Value.Retention != bucket.Retention);
        BucketName[] changed = [.. gone, .. others.Select(bucket => bucket.Name)];
        _buckets = next;
        known.Save(next.Values.Select(bucket => bucket.Value));
        foreach (var name in gone)
        {
            await channels.ForgetAsync(name);
            await ForgetDevicesAsync(name);
        }

        await InvalidateAsync(changed);
    }

    // Also what another program has changed in InfluxDB, of which nobody else tells.
    private async ValueTask InvalidateAsync(IEnumerable<BucketName> changed)
    {
        if (invalidation is null)
            return;
        foreach (var name in changed)
            await invalidation.ChangedAsync(name, []);
    }

    private static FrozenDictionary<BucketName, Result<Bucket>> Index(IEnumerable<Bucket> buckets) =>
        buckets.ToFrozenDictionary(bucket => bucket.Name, Result<Bucket>.Success);

    // By series, the most values that any of its fields has; not told when InfluxDB takes too long over it.
    private async Task<long?> CountAsync(BucketName name, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(CountPatience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            return await reader.CountLargestAsync(name, either.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or InfluxDbException && !cancellationToken.IsCancellationRequested)
        {
            Log.NotCounted(logger, name.Value, exception.Message);
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(41, LogLevel.Warning, "What waits in the spool for the deleted bucket {Bucket} can not be dropped now")]
        public static partial void NotDropped(ILogger logger, Exception exception, string bucket);

        [LoggerMessage(131, LogLevel.Warning, "The devices of the deleted bucket {Bucket} could not be forgotten, because the key store could not be told")]
        public static partial void DevicesNotForgotten(ILogger logger, Exception exception, string bucket);

        [LoggerMessage(40, LogLevel.Information, "The measurements of the bucket {Bucket} are not counted: {Reason}")]
        public static partial void NotCounted(ILogger logger, string bucket, string reason);
    }
}
