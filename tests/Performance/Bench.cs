using System.Diagnostics;
using IotBackend.Performance.Load;
using IotBackend.Performance.Servers;
using Spectre.Console;

namespace IotBackend.Performance;

/// <summary>What a measurement works with: how long and how often it runs, where data lies, servers, and a line to say what goes on.</summary>
/// <param name="Quick">Short runs and little data: shows that everything works, and hardly more.</param>
/// <param name="Full">Also the sizes that take many minutes.</param>
/// <param name="DataParent">The folder below which each server gets one for its data.</param>
internal sealed record Bench(bool Quick, bool Full, string DataParent)
{
    public const int Devices = 1_000;

    private readonly long _since = Stopwatch.GetTimestamp();

    public int Runs => Quick ? 3 : 5;

    public TimeSpan RunTime => TimeSpan.FromSeconds(Quick ? 3 : 8);

    // Long enough for the first of the largest bodies to be answered also on a busy machine: a run without an answer is an error.
    public TimeSpan WarmUpTime => TimeSpan.FromSeconds(Quick ? 15 : 30);

    public TemporaryFolder NewFolder() => new(DataParent);

    public void Say(string text) =>
        AnsiConsole.MarkupLineInterpolated(Invariant, $"[grey]{Stopwatch.GetElapsedTime(_since):mm\\:ss}[/] {text}");

    /// <summary>Runs two things in turn, a warm-up of each first, so that whatever disturbs the machine disturbs both.</summary>
    public async Task<(double[] Ours, double[] Theirs)> SideBySideAsync(Func<TimeSpan, Task<double>> ours, Func<TimeSpan, Task<double>> theirs)
    {
        await ours(WarmUpTime);
        await theirs(WarmUpTime);
        var (our, their) = (new double[Runs], new double[Runs]);
        for (var run = 0; run < Runs; run++)
        {
            our[run] = await ours(RunTime);
            their[run] = await theirs(RunTime);
            Say(string.Create(Invariant, $"  run {run + 1}: {our[run]:#,0.###} here, {their[run]:#,0.###} there"));
        }

        return (our, their);
    }

    /// <summary>Requests a second of POST /measurement, devices in turn.</summary>
    public static async Task<double> SingleWritesAsync(Uri server, string key, int devices, TimeSpan duration, CancellationToken cancellationToken) =>
        (await Wrk.RunAsync(server, WrkScripts.SingleWrites(server, key, devices), duration, cancellationToken)).RequestsPerSecond;
}
