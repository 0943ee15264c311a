using IotBackend.Domain.Measurements;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>The new series of one batch for which its allowance was used, until it is known whether they were stored.</summary>
internal sealed class TakenNewSeries(KnownSeriesOfBucket known, ISeriesAllowance allowance)
{
    private readonly Dictionary<byte[], bool> _taken = new(Utf8Comparer.Instance);

    public KnownSeriesOfBucket Known => known;

    /// <summary>Takes the series of a row, or rejects the row.</summary>
    public void Take(MeasurementBatch batch, int row, string device, bool isNewDevice)
    {
        var key = batch.Key(batch.Rows[row]).ToArray();

        // Whoever is first asks; another request with the same series need not.
        if (!known.TryAdd(key))
            return;
        if (allowance.TryTake(isNewDevice, 1))
        {
            known.AddDevice(device);
            _taken[key] = isNewDevice;
            return;
        }

        known.Remove(key);
        if (isNewDevice)
            NewSeries.RejectDevice(batch, row);
        else
            NewSeries.RejectTags(batch, row);
    }

    /// <summary>Gives back what was taken for series of which no row was stored.</summary>
    /// <param name="batch">The batch, after it was written.</param>
    /// <param name="isStored">Whether the rows that are not rejected were.</param>
    public void Settle(MeasurementBatch batch, bool isStored)
    {
        var lookup = _taken.GetAlternateLookup<ReadOnlySpan<byte>>();
        foreach (ref readonly var row in batch.Rows)
        {
            if (isStored && !row.IsRejected)
                lookup.Remove(batch.Key(row));
        }

        foreach (var (key, isNewDevice) in _taken)
        {
            known.Remove(key);
            allowance.GiveBack(isNewDevice ? 1 : 0, 1);
            if (isNewDevice)
                known.RemoveDevice(MeasurementKey.FromUtf8(key).Device);
        }
    }
}
