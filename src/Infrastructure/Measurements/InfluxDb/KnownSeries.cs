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
    // About 50 MB; beyond, all are forgotten and asked for again.
    private const int Most = 200_000;
    private const int SeriesAtOnce = 10_000;

    private readonly ConcurrentDictionary<BucketName, KnownSeriesOfBucket> _buckets = new();

    /// <summary>Rejects the rows of series that are new, and more than the sender may bring.</summary>
    public ValueTask RejectBeyondAsync(BucketName bucket, MeasurementBatch batch, CancellationToken cancellationToken)
    {
        if (batch.Allowance is not { } allowance)
            return ValueTask.CompletedTask;
        var known = _buckets.GetOrAdd(bucket, static _ => new KnownSeriesOfBucket());
        var first = NextUnknown(known, batch, 0);
        return first < 0 ? ValueTask.CompletedTask : RejectBeyondAsync(bucket, known, batch, first, allowance, cancellationToken);
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

    private async ValueTask RejectBeyondAsync(
        BucketName bucket, KnownSeriesOfBucket known, MeasurementBatch batch, int first, ISeriesAllowance allowance, CancellationToken cancellationToken)
    {
        if (known.Count > Most)
            known.Clear();
        for (var i = first; i >= 0; i = NextUnknown(known, batch, i + 1))
        {
            var device = Encoding.UTF8.GetString(batch.Device(batch.Rows[i]));
            var isNew = !known.HasDevice(device) && directory is { IsLoaded: true } && !directory.IsKnown(bucket, device);
            if (!isNew && !known.HasDevice(device) && !await TryLoadAsync(bucket, known, device, cancellationToken))
                continue;
            Decide(known, batch, i, device, isNew, allowance);
        }
    }

    private static void Decide(KnownSeriesOfBucket known, MeasurementBatch batch, int row, string device, bool isNewDevice, ISeriesAllowance allowance)
    {
        var key = batch.Key(batch.Rows[row]).ToArray();

        // Whoever is first asks; another request with the same series need not.
        if (!known.TryAdd(key))
            return;
        if (allowance.TryTake(isNewDevice))
        {
            known.AddDevice(device);
            return;
        }

        known.Remove(key);
        NewSeries.Reject(batch, row, isNewDevice);
    }

    private async ValueTask<bool> TryLoadAsync(BucketName bucket, KnownSeriesOfBucket known, string device, CancellationToken cancellationToken)
    {
        try
        {
            var filter = new MeasurementFilter(bucket, [device], [], [], [], DeviceSet.All);
            MeasurementKey? after = null;
            for (var hasMore = true; hasMore && known.Count <= Most;)
            {
                var page = await latest.ReadAsync(new LatestQuery(filter, Timestamp.MinValue, SeriesAtOnce, after), cancellationToken);
                foreach (var series in page.Items)
                    known.TryAdd(series.Key.Utf8.ToArray());
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
