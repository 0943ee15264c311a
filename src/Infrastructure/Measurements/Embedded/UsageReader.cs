using IotBackend.Application.Buckets;
using IotBackend.Domain.Measurements;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>
/// Counts what a bucket holds without unpacking it, series by series, so that neither commits nor flushes wait. Of each origin the field
/// with the most points counts: that is exact where one field is in every measurement. Points that are not flushed count beside those that
/// they will replace, and of a field's oldest chunk also those that have just become older than the retention. Bytes are those of
/// packed points, and of memory where they are not packed yet.
/// </summary>
internal sealed class UsageReader(Memtable memtable, ChunkSessions sessions)
{
    /// <param name="bucket">The bucket.</param>
    /// <param name="oldest">What is older does not count.</param>
    /// <param name="cancellationToken">Ends the counting between two series.</param>
    public BucketUsage Read(BucketCatalog bucket, Timestamp oldest, CancellationToken cancellationToken)
    {
        using var lease = sessions.Rent();
        var (measurements, bytes) = (0L, 0L);
        foreach (var origin in bucket.Origins)
        {
            var most = 0L;
            foreach (var series in origin.Fields)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var recent = memtable.CountSince(series, oldest.Nanoseconds);
                var packed = lease.Session.CountSince(series, oldest.Nanoseconds);
                most = Math.Max(most, recent.Points + packed.Points);
                bytes += recent.Bytes + packed.Bytes;
            }

            measurements += most;
        }

        return new BucketUsage(measurements, bytes);
    }
}
