using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Application.Measurements;

/// <summary>Which times of measurements are taken: not what the bucket no longer keeps, and not the future, since clocks go wrong.</summary>
/// <param name="MaxFuture">How long after the time of receipt the time of a measurement may lie.</param>
public sealed record TimestampLimits(TimeSpan MaxFuture)
{
    private const long NanosecondsPerTick = 100;

    /// <summary>Rejects the rows that lie outside, each with <c>beyond_retention</c> or <c>timestamp_in_future</c>.</summary>
    public void RejectOutside(MeasurementBatch batch, Bucket bucket)
    {
        var oldest = bucket.Retention.OldestAt(batch.ReceivedAt);
        var newest = NewestAt(batch.ReceivedAt);
        var rows = batch.Rows;
        for (var i = 0; i < rows.Length; i++)
        {
            if (rows[i].IsRejected)
                continue;
            if (rows[i].Timestamp < oldest)
                batch.Reject(i, "timestamp", ErrorCodes.BeyondRetention, $"The bucket '{bucket.Name}' keeps {bucket.Retention}; the timestamp is older.");
            else if (rows[i].Timestamp > newest)
                batch.Reject(i, "timestamp", ErrorCodes.TimestampInFuture, $"The timestamp lies after {newest}, further in the future than is taken.");
        }
    }

    private Timestamp NewestAt(Timestamp receivedAt)
    {
        var newest = receivedAt.Nanoseconds + ((Int128)MaxFuture.Ticks * NanosecondsPerTick);
        return newest > long.MaxValue ? Timestamp.MaxValue : new Timestamp((long)newest);
    }
}
