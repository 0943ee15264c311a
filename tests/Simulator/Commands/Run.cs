using IotBackend.Simulator.Display;
using IotBackend.Simulator.Sending;
using Spectre.Console;

namespace IotBackend.Simulator.Commands;

/// <summary>Sends batches with a few requests under way at once, shows how it goes, and sums up.</summary>
internal sealed class Run(SendTarget target, RetryOptions retries, int concurrency, TimeProvider clock)
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(60);

    /// <returns>0 only when the server took every measurement.</returns>
    public async Task<int> ExecuteAsync(
        IAsyncEnumerable<ReadOnlyMemory<Sample>> batches, long total, IAnsiConsole console, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = concurrency }) { Timeout = RequestTimeout };
        var sender = new MeasurementSender(http, target, new RetryPolicy(retries, clock, new Random()), clock);
        var began = clock.GetTimestamp();
        var sending = SendAllAsync(sender, batches, cancellationToken);
        await ProgressDisplay.ShowAsync(console, sender.Report, total, sending, clock);
        Summary.Write(console, sender.Report, total, clock.GetElapsedTime(began));
        return sender.Report.Accepted == total && sender.Report.Rejected == 0 ? 0 : 1;
    }

    /// <summary>Ends early, without throwing, when it is cancelled: what was sent until then is summed up.</summary>
    private async Task SendAllAsync(MeasurementSender sender, IAsyncEnumerable<ReadOnlyMemory<Sample>> batches, CancellationToken cancellationToken)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = concurrency, CancellationToken = cancellationToken };
        try
        {
            await Parallel.ForEachAsync(batches, parallel, async (batch, token) => await sender.SendAsync(batch, token));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }
}
