using System.Collections.Concurrent;
using System.Text;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Infrastructure.Devices;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>
/// The series that there are of the devices that lately sent something by a key with a limit. Those of a device are asked for once, when it comes
/// first; of one that nobody has seen there are none. What can not be found out is taken for known: a limit must not refuse what it can not judge.
/// </summary>
internal sealed class KnownSeries(LatestReader latest, DeviceDirectory directory)
{
    // Of all devices, and of one. About 50 MB; beyond, all are forgotten and asked for again.
    private const int Most = 200_000;
    private const int SeriesAtOnce = 10_000;

    private readonly ConcurrentDictionary<BucketName, KnownSeriesOfBucket> _buckets = new();

    /// <summary>Rejects the rows of series that are new, and more than the sender may bring; tells what it took of the allowance, null: nothing.</summary>
    public ValueTask<TakenNewSeries?> RejectBeyondAsync(BucketName bucket, MeasurementBatch batch, CancellationToken cancellationToken)
    {
        if (batch.Allowance is not { } allowance)
            return ValueTask.FromResult<TakenNewSeries?>(null);
        var known = _buckets.GetOrAdd(bucket, static _ => new KnownSeriesOfBucket());
        var first = NextUnknown(known, batch, 0);
        return first < 0
            ? ValueTask.FromResult<TakenNewSeries?>(null)
            : RejectBeyondAsync(bucket, batch, first, new TakenNewSeries(known, allowance), cancellationToken);
    }

    /// <summary>Nothing is left of these devices; null: of the bucket. What comes of them is new again.</summary>
    public void Forget(BucketName bucket, IReadOnlyCollection<string>? devices)
    {
        if (devices is null)
        {
            _buckets.TryRemove(bucket, out _);
            return;
        }

        if (_buckets.TryGetValue(bucket, out var known))
        {
            foreach (var device in devices)
                known.Forget(device);
        }
    }

    private static int NextUnknown(KnownSeriesOfBucket known, MeasurementBatch batch, int start)
    {
        for (var i = start; i < batch.Rows.Length; i++)
        {
            if (!batch.Rows[i].IsRejected && !known.Has(batch.Key(batch.Rows[i])))
                return i;
        }

        return -1;
    }

    private async ValueTask<TakenNewSeries?> RejectBeyondAsync(
        BucketName bucket, MeasurementBatch batch, int first, TakenNewSeries taken, CancellationToken cancellationToken)
    {
        var known = taken.Known;
        if (known.Count > Most)
            known.Clear();
        for (var i = first; i >= 0; i = NextUnknown(known, batch, i + 1))
        {
            var device = Encoding.UTF8.GetString(batch.Device(batch.Rows[i]));
            var isNew = !known.HasDevice(device) && directory is { IsLoaded: true } && !directory.IsKnown(bucket, device);
            if (isNew || known.HasDevice(device) || await TryLoadAsync(bucket, known, device, cancellationToken))
                taken.Take(batch, i, device, isNew);
        }

        return taken;
    }

    private async ValueTask<bool> TryLoadAsync(BucketName bucket, KnownSeriesOfBucket known, string device, CancellationToken cancellationToken)
    {
        try
        {
            if (known.IsVast(device))
                return false;
            var filter = new MeasurementFilter(bucket, [device], [], [], [], DeviceSet.All);
            MeasurementKey? after = null;
            var count = 0;
            for (var hasMore = true; hasMore;)
            {
                if (count > Most)
                {
                    known.SetVast(device);
                    return false;
                }

                var page = await latest.ReadAsync(new LatestQuery(filter, Timestamp.MinValue, SeriesAtOnce, after), cancellationToken);
                foreach (var series in page.Items)
                    known.TryAdd(series.Key.Utf8.ToArray());
                count += page.Items.Count;
                hasMore = page.HasMore;
                after = page.Items.Count > 0 ? page.Items[^1].Key : null;
            }

            known.AddDevice(device);
            return true;
        }
        catch (InfluxDbException)
        {
            // The write finds out itself, or goes to the spool.
            return false;
        }
    }
}
