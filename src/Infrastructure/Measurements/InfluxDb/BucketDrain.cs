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
        try
        {
            var entries = await spool.PeekAsync(bucket, MaxBytes, cancellationToken);
            return entries.Count == 0 || await SendAsync(entries, cancellationToken);
        }
        catch (IOException exception)
        {
            // The spool has told its own log why.
            Log.Waiting(logger, bucket.Value, exception.Message);
            return false;
        }
    }

    private async Task<bool> SendAsync(IReadOnlyList<SpoolEntry> entries, CancellationToken cancellationToken)
    {
        using var lines = new LineBuffer(entries.Sum(entry => entry.Payload.Length));
        foreach (var entry in entries)
            lines.Append(entry.Payload.Span);
        if (await RefusalsAsync(entries, lines.Written, cancellationToken) is not { } refused)
            return false;
        var isDone = await spool.CompleteAsync(entries, refused);
        if (isDone && refused.Count > 0)
            Log.SetAside(logger, refused.Sum(one => one.Measurements), bucket.Value, refused[0].Reason);
        return isDone;
    }

    // What was refused for good; null when the entries have to wait.
    private async Task<List<SpoolRefusal>?> RefusalsAsync(IReadOnlyList<SpoolEntry> entries, ReadOnlyMemory<byte> lines, CancellationToken cancellationToken)
    {
        try
        {
            var outcome = await sender.SendAsync(lines, cancellationToken);
            switch (outcome.Kind)
            {
                case WriteAnswerKind.Stored:
                    return Refusals(lines, outcome.Refusals);
                case WriteAnswerKind.NoBucket:
                    return [All(ErrorCodes.BucketNotFound, outcome.Reason)];
                default:
                    Log.Waiting(logger, bucket.Value, outcome.Reason);
                    return null;
            }
        }
        catch (InvalidDataException exception)
        {
            // Refused, and not to be taken apart: damaged before it came here. It must not block what comes after it.
            return [All(ErrorCodes.RefusedByStore, exception.Message)];
        }

        SpoolRefusal All(string code, string reason) => new(bucket, code, reason, entries.Sum(entry => entry.Measurements), lines);
    }

    private List<SpoolRefusal> Refusals(ReadOnlyMemory<byte> text, IReadOnlyList<LineRefusal> refusals)
    {
        if (refusals.Count == 0)
            return [];
        var lines = Line.Split(text);
        return
        [
            .. refusals.GroupBy(refusal => (refusal.Code, refusal.Reason)).Select(group =>
                new SpoolRefusal(bucket, group.Key.Code, group.Key.Reason, group.Count(), Join(group.Select(refusal => lines[refusal.Index].Bytes)))),
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
