using System.Threading.Channels;
using IotBackend.Infrastructure.Measurements.Spool;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>
/// Empties the spool in order, bucket by bucket, one request at a time. While InfluxDB fails it alone tries, ever more seldom and never at the
/// same moment as another node, so that the server is not overrun when it comes back.
/// </summary>
internal sealed class SpoolDrain(SpoolQueue spool, BucketChannels channels, InfluxDbClient client, OutageGate gate, TimeProvider time)
{
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

    // Some of each bucket, going on after the last one, so that one that fails does not hold up the others. False when none of it got through.
    private async Task<bool> DrainAsync(CancellationToken cancellationToken)
    {
        var buckets = spool.WaitingBuckets;
        if (buckets.Count == 0)
            return !gate.IsShut || await TryPingAsync(cancellationToken);
        var works = false;
        foreach (var bucket in buckets.Skip(_first % buckets.Count).Concat(buckets.Take(_first % buckets.Count)))
        {
            _first++;
            works |= await channels.Of(bucket).DrainAsync(cancellationToken);
            if (gate.IsShut)
                return false;
        }

        return works;
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
}
