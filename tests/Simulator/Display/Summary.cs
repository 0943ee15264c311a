using System.Globalization;
using IotBackend.Simulator.Sending;
using Spectre.Console;

namespace IotBackend.Simulator.Display;

/// <summary>What became of a run, one figure a line.</summary>
internal static class Summary
{
    public static void Write(IAnsiConsole console, SendReport report, long total, TimeSpan elapsed)
    {
        foreach (var line in Lines(report, total, elapsed))
            console.Profile.Out.Writer.WriteLine(line);
    }

    internal static IEnumerable<string> Lines(SendReport report, long total, TimeSpan elapsed)
    {
        var seconds = Math.Max(elapsed.TotalSeconds, 1e-9);
        yield return Line("accepted", $"{report.Accepted:N0} of {total:N0}");
        yield return Line("rejected", $"{report.Rejected:N0}");
        foreach (var (code, count) in report.RejectedByCode.OrderByDescending(c => c.Value))
            yield return Line("", $"{code} ({count:N0} times told)");
        foreach (var message in report.FirstMessages)
            yield return Line("", $"{message}");
        yield return Line("requests", $"{report.Requests:N0}");
        yield return Line("retries", $"{report.Retries:N0}");
        yield return Line("latency", $"p50 {Milliseconds(report, 50)}, p95 {Milliseconds(report, 95)}, p99 {Milliseconds(report, 99)}, max {Milliseconds(report, 100)}");
        yield return Line("time", $"{elapsed.TotalSeconds:N1} s");
        yield return Line("throughput", $"{report.Accepted / seconds:N0} measurements/s, {report.Requests / seconds:N0} requests/s");
    }

    private static string Line(string label, FormattableString value) => $"{label,-11}{value.ToString(CultureInfo.InvariantCulture)}";

    private static string Milliseconds(SendReport report, double percent) =>
        string.Create(CultureInfo.InvariantCulture, $"{report.Latencies.Percentile(percent).TotalMilliseconds:N1} ms");
}
