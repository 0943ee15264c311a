using System.Threading.Channels;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;
using IotBackend.Infrastructure.Measurements.Spool;
using Microsoft.Extensions.Logging;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>
/// Empties the spool in order, bucket by bucket, one request at a time. While InfluxDB fails it alone tries, ever more seldom and never at the
/// same moment as another node, so that the server is not overrun when it comes back.
/// </summary>
internal sealed partial class SpoolDrain(
    SpoolQueue spool, BucketChannels channels, InfluxDbClient client, OutageGate gate, TimeProvider time, ILogger<SpoolDrain> logger)
{
    private const long MaxBytes = 4 << 20;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(1);

    private readonly Channel<bool> _arrived = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private int _first;

    /// <summary>Runs until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        spool.Arrived = _ => _arrived.Writer.TryWrite(true);
        var pause = FirstPause;
        while (!cancellationToken.IsCancellationRequested)
        {
            var works = await DrainAsync(cancellationToken);
            if (works && spool.WaitingBuckets.Count == 0)
                await WaitAsync(cancellationToken);
            if (!works)
                await Task.Delay(pause * (0.5 + (Random.Shared.NextDouble() / 2)), time, cancellationToken);
            pause = works ? FirstPause : pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var idle = new CancellationTokenSource(Idle, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, idle.Token);
        try
        {
            await _arrived.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Nothing came; look all the same.
        }
    }

    // Some of each bucket, going on after the last one, so that one that fails does not hold up the others. False when InfluxDB or the spool's disk fails.
    private async Task<bool> DrainAsync(CancellationToken cancellationToken)
    {
        var buckets = spool.WaitingBuckets;
        if (buckets.Count == 0)
            return !gate.IsShut || await TryPingAsync(cancellationToken);
        foreach (var bucket in buckets.Skip(_first % buckets.Count).Concat(buckets.Take(_first % buckets.Count)))
        {
            _first++;
            if (!await DrainSomeAsync(bucket, cancellationToken))
                return false;
        }

        return true;
    }

    // With nothing in the spool nobody else would find out that InfluxDB is back.
    private async Task<bool> TryPingAsync(CancellationToken cancellationToken)
    {
        try
        {
            await client.PingAsync(cancellationToken);
            return true;
        }
        catch (InfluxDbException)
        {
            return false;
        }
    }

    private async Task<bool> DrainSomeAsync(BucketName bucket, CancellationToken cancellationToken)
    {
        var entries = await spool.PeekAsync(bucket, MaxBytes, cancellationToken);
        if (entries.Count == 0)
            return true;
        using var lines = new LineBuffer(entries.Sum(entry => entry.Payload.Length));
        foreach (var entry in entries)
            lines.Append(entry.Payload.Span);
        var outcome = await channels.Of(bucket).SendAsync(lines.Written, cancellationToken);
        List<SpoolRefusal> refused;
        switch (outcome.Kind)
        {
            case WriteAnswerKind.Stored:
                refused = Refusals(bucket, lines.Written, outcome.Refusals);
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

    private static List<SpoolRefusal> Refusals(BucketName bucket, ReadOnlyMemory<byte> text, IReadOnlyList<LineRefusal> refusals)
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
