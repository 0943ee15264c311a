using IotBackend.Domain.Buckets;

namespace IotBackend.Infrastructure.Measurements.Spool;

/// <summary>How much more there is after a change; negative for less.</summary>
internal sealed class SpoolDelta
{
    private readonly Dictionary<BucketName, long> _entries = [];

    /// <summary>Entries that wait, by bucket.</summary>
    public IReadOnlyDictionary<BucketName, long> Entries => _entries;

    /// <summary>Measurements that wait.</summary>
    public long Measurements { get; private set; }

    public long RefusedEntries { get; private set; }

    public long RefusedMeasurements { get; private set; }

    /// <summary>Bytes of payload, of both.</summary>
    public long Bytes { get; private set; }

    public void AddWaiting(BucketName bucket, long entries, long measurements, long bytes)
    {
        _entries[bucket] = _entries.GetValueOrDefault(bucket) + entries;
        Measurements += measurements;
        Bytes += bytes;
    }

    public void AddRefused(long entries, long measurements, long bytes)
    {
        RefusedEntries += entries;
        RefusedMeasurements += measurements;
        Bytes += bytes;
    }
}
