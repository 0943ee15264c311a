using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Application.Measurements.Transfer;

/// <summary>Measurements of a file that are being written.</summary>
internal sealed class PendingPart(BucketName bucket, SomeMeasurements some, long end) : IDisposable
{
    private const string NoLongerKept = "The bucket no longer keeps it.";

    public BucketName Bucket => bucket;

    public MeasurementBatch Batch => some.Batch;

    /// <summary>What the file holds of the bucket up to the end of this part.</summary>
    public BucketTally Through => some.Through;

    /// <summary>Bytes of the file up to the end of this part.</summary>
    public long End => end;

    /// <summary>Measurements that the bucket no longer keeps.</summary>
    public int Expired { get; private set; }

    public Task<Result<WriteOutcome>>? Writing { get; set; }

    public void RejectExpired(Timestamp oldest)
    {
        for (var i = 0; i < Batch.Rows.Length; i++)
        {
            if (Batch.Rows[i].IsRejected || Batch.Rows[i].Timestamp >= oldest)
                continue;
            Batch.Reject(i, "timestamp", ErrorCodes.BeyondRetention, NoLongerKept);
            Expired++;
        }
    }

    /// <summary>Measurements that were refused, and those that were stored and are not older than a time.</summary>
    public (long Rejected, long Countable) Count(Timestamp from)
    {
        var countable = 0L;
        foreach (ref readonly var row in Batch.Rows)
        {
            if (!row.IsRejected && row.Timestamp >= from)
                countable++;
        }

        return (Batch.RejectedCount - Expired, countable);
    }

    /// <summary>The refused ones in words.</summary>
    public IEnumerable<string> Describe()
    {
        foreach (var fault in Batch.Faults.Where(fault => fault.Message != NoLongerKept))
            yield return $"bucket '{bucket}', {Name(fault)}: {fault.Message} ({fault.Code}{(fault.Field.Length > 0 ? $", {fault.Field}" : string.Empty)})";
    }

    public void Dispose() => Batch.Dispose();

    // What was bad from the beginning is no row, and has no name.
    private string Name(Fault fault)
    {
        foreach (ref readonly var row in Batch.Rows)
        {
            if (row.Index == fault.Index)
                return $"{Batch.ReadKey(row)} at {row.Timestamp}";
        }

        return "a measurement";
    }
}
