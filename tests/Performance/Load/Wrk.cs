using System.Diagnostics;

namespace IotBackend.Performance.Load;

/// <summary>Runs <c>wrk</c> on the core of the load: one thread, so many connections, each with one request in flight.</summary>
internal static class Wrk
{
    public const int Connections = 32;

    // What every script ends with: one line that is read back here.
    private const string Done = """

        function done(summary, latency, requests)
          local e = summary.errors
          print(string.format("RESULT %d %d %d %d %.0f %.0f %.0f", summary.requests, summary.duration, e.status,
            e.connect + e.read + e.write + e.timeout, latency:percentile(50), latency:percentile(99), latency.max))
        end
        """;

    /// <param name="address">The server.</param>
    /// <param name="script">What is sent.</param>
    /// <param name="duration">How long.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    /// <param name="connections">How many at once.</param>
    /// <param name="areRefused">Whether it is the refusals that are measured: then every answer must be an error.</param>
    /// <exception cref="InvalidOperationException">A request failed, or was answered otherwise than it should: such a run measures nothing.</exception>
    public static async Task<WrkResult> RunAsync(
        Uri address, string script, TimeSpan duration, CancellationToken cancellationToken, int connections = Connections, bool areRefused = false)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, script + Done, cancellationToken);
            var seconds = Math.Max(1, (int)duration.TotalSeconds).ToString(Invariant);
            var output = await OutputAsync(
                ["-t1", $"-c{connections.ToString(Invariant)}", $"-d{seconds}s", "--timeout", "30s", "-s", file, address.ToString()],
                cancellationToken);
            return WrkResult.Parse(output, areRefused);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<string> OutputAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var start = Cores.Pinned(Cores.Load, "wrk", arguments);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using var wrk = Process.Start(start)!;
        var errors = wrk.StandardError.ReadToEndAsync(cancellationToken);
        var output = await wrk.StandardOutput.ReadToEndAsync(cancellationToken);
        await wrk.WaitForExitAsync(cancellationToken);
        return wrk.ExitCode == 0 ? output : throw new InvalidOperationException($"wrk failed: {await errors}{output}");
    }
}
