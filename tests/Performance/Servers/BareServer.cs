using System.Diagnostics;

namespace IotBackend.Performance.Servers;

/// <summary>The bare controller (<see cref="BareHost"/>) as a process of its own, on the same core as the real program.</summary>
internal sealed class BareServer : IAsyncDisposable
{
    private readonly PinnedProcess _process;

    private BareServer(PinnedProcess process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    /// <param name="answerFile">What GET answers with.</param>
    public static async Task<BareServer> StartAsync(string? answerFile, CancellationToken cancellationToken)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort.Find()}");
        var since = Stopwatch.GetTimestamp();
        string[] arguments = answerFile is null ? [BareHost.Name, address.ToString()] : [BareHost.Name, address.ToString(), answerFile];
        var process = PinnedProcess.Start(Cores.Server, Environment.ProcessPath!, arguments);
        try
        {
            await Answering.WaitAsync(process, new Uri(address, "/measurements"), since, cancellationToken);
            return new BareServer(process, address);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
