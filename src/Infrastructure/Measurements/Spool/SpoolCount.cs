using IotBackend.Domain.Buckets;
using IotBackend.Infrastructure.Measurements.Sqlite;

namespace IotBackend.Infrastructure.Measurements.Spool;

/// <summary>How much there is of a bucket, or was.</summary>
internal readonly record struct SpoolCount(BucketName Bucket, long Entries, long Measurements, long Bytes)
{
    /// <summary>Sums up rows of measurements and bytes.</summary>
    public static SpoolCount Of(BucketName bucket, SqliteStatement rows)
    {
        var (entries, measurements, bytes) = (0L, 0L, 0L);
        while (rows.Step())
            (entries, measurements, bytes) = (entries + 1, measurements + rows.Int64(0), bytes + rows.Int64(1));
        rows.Reset();
        return new SpoolCount(bucket, entries, measurements, bytes);
    }
}
