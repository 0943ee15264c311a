using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;
using IotBackend.Infrastructure.Measurements.Lines;
using IotBackend.Infrastructure.Measurements.Spool;
using Microsoft.Extensions.Logging;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>Sends what waits of one bucket in the spool, in order; what InfluxDB refuses for good is set aside. Used in the bucket's turn.</summary>
/// <param name="bucket">Whose measurements wait.</param>
/// <param name="sender">The way to InfluxDB.</param>
/// <param name="spool">Where they wait.</param>
/// <param name="logger">Is told what fails.</param>
/// <param name="stored">Called when some of them can be read, before they leave the spool; null when nobody wants to know.</param>
internal sealed partial class BucketDrain(BucketName bucket, LineSender sender, SpoolQueue spool, ILogger logger, Action<BucketName>? stored = null)
{
    private const long MaxBytes = 4 << 20;
    private const long LeastBytes = 64 << 10;

    // Less after a failure, so that what is too much for a slow way gets through in the end.
    private long _bytes = MaxBytes;

    /// <summary>Sends some; false when InfluxDB or the spool's disk fails, and then nothing has changed.</summary>
    public async Task<bool> SendSomeAsync(CancellationToken cancellationToken)
    {
        try
        {
            var entries = await spool.PeekAsync(bucket, _bytes, cancellationToken);
            var works = entries.Count == 0 || await SendAsync(entries, cancellationToken);
            _bytes = works ? Math.Min(_bytes * 2, MaxBytes) : Math.Max(_bytes / 2, LeastBytes);
            return works;
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
        List<SpoolRefusal>? refused;
        try
        {
            refused = await RefusalsAsync(entries, lines.Written, cancellationToken);
        }
        catch (InvalidDataException exception)
        {
            // Damaged before it came here. It must not block what comes after it, nor take along what it came with.
            if (entries.Count > 1)
                return await SendSinglyAsync(entries, cancellationToken);
            refused = [All(entries, ErrorCodes.RefusedByStore, exception.Message, lines.Written)];
        }

        if (refused is null)
            return false;
        var isDone = await spool.CompleteAsync(entries, refused);
        if (isDone && refused.Count > 0)
            Log.SetAside(logger, refused.Sum(one => one.Measurements), bucket.Value, refused[0].Reason);
        return isDone;
    }

    // What was refused for good; null when the entries have to wait.
    private async Task<List<SpoolRefusal>?> RefusalsAsync(IReadOnlyList<SpoolEntry> entries, ReadOnlyMemory<byte> lines, CancellationToken cancellationToken)
    {
        var outcome = await sender.SendUncheckedAsync(lines, cancellationToken);
        switch (outcome.Kind)
        {
            case WriteAnswerKind.Stored:
                stored?.Invoke(bucket);
                return Refusals(lines, outcome.Refusals);
            case WriteAnswerKind.NoBucket:
                return [All(entries, ErrorCodes.BucketNotFound, outcome.Reason, lines)];
            default:
                Log.Waiting(logger, bucket.Value, outcome.Reason);
                return null;
        }
    }

    private async Task<bool> SendSinglyAsync(IReadOnlyList<SpoolEntry> entries, CancellationToken cancellationToken)
    {
        foreach (var entry in entries)
        {
            if (!await SendAsync([entry], cancellationToken))
                return false;
        }

        return true;
    }

    private SpoolRefusal All(IReadOnlyList<SpoolEntry> entries, string code, string reason, ReadOnlyMemory<byte> lines) =>
        new(bucket, code, reason, entries.Sum(entry => entry.Measurements), lines);

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
