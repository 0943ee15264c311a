using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;
using IotBackend.Infrastructure.Measurements.Spool;
using Microsoft.Extensions.Logging;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>Sends what waits of one bucket in the spool, in order; what InfluxDB refuses for good is set aside. Used in the bucket's turn.</summary>
internal sealed partial class BucketDrain(BucketName bucket, LineSender sender, SpoolQueue spool, ILogger logger)
{
    private const long MaxBytes = 4 << 20;

    /// <summary>Sends some; false when InfluxDB or the spool's disk fails, and then nothing has changed.</summary>
    public async Task<bool> SendSomeAsync(CancellationToken cancellationToken)
    {
        var entries = await spool.PeekAsync(bucket, MaxBytes, cancellationToken);
        if (entries.Count == 0)
            return true;
        using var lines = new LineBuffer(entries.Sum(entry => entry.Payload.Length));
        foreach (var entry in entries)
            lines.Append(entry.Payload.Span);
        var outcome = await sender.SendAsync(lines.Written, cancellationToken);
        List<SpoolRefusal> refused;
        switch (outcome.Kind)
        {
            case WriteAnswerKind.Stored:
                refused = Refusals(lines.Written, outcome.Refusals);
                break;
            case WriteAnswerKind.NoBucket:
                refused = [new SpoolRefusal(bucket, ErrorCodes.BucketNotFound, outcome.Reason, entries.Sum(entry => entry.Measurements), lines.Written)];
                break;
            default:
                Log.Waiting(logger, bucket.Value, outcome.Reason);
                return false;
        }

        var isDone = await spool.CompleteAsync(entries, refused);
        if (isDone && refused.Count > 0)
            Log.SetAside(logger, refused.Sum(one => one.Measurements), bucket.Value, refused[0].Reason);
        return isDone;
    }

    private List<SpoolRefusal> Refusals(ReadOnlyMemory<byte> text, IReadOnlyList<LineRefusal> refusals)
    {
        if (refusals.Count == 0)
            return [];
        var lines = Line.Split(text);
        return
        [
            .. refusals.GroupBy(refusal => (refusal.Code, refusal.Message)).Select(group =>
                new SpoolRefusal(bucket, group.Key.Code, group.Key.Message, group.Count(), Join(group.Select(refusal => lines[refusal.Index].Bytes)))),
        ];
    }

    private static byte[] Join(IEnumerable<ReadOnlyMemory<byte>> lines)
    {
        using var joined = new LineBuffer();
        foreach (var line in lines)
            joined.Append(line.Span);
        return joined.Written.ToArray();
    }

    private static partial class Log
    {
        [LoggerMessage(20, LogLevel.Information, "Measurements of the bucket {Bucket} wait in the spool: {Reason}")]
        public static partial void Waiting(ILogger logger, string bucket, string reason);

        [LoggerMessage(21, LogLevel.Error, "{Measurements} measurements of the bucket {Bucket} were refused and set aside: {Reason}")]
        public static partial void SetAside(ILogger logger, int measurements, string bucket, string reason);
    }
}
