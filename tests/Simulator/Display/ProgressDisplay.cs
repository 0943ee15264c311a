using System.Globalization;
using IotBackend.Simulator.Sending;
using Spectre.Console;

namespace IotBackend.Simulator.Display;

/// <summary>How a run goes: a bar on a terminal, a line every few seconds where output goes to a file.</summary>
internal static class ProgressDisplay
{
    private static readonly TimeSpan BarInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(5);

    /// <summary>Shows until <paramref name="sending"/> ends, and fails as it fails.</summary>
    public static async Task ShowAsync(IAnsiConsole console, SendReport report, long total, Task sending, TimeProvider clock)
    {
        if (console.Profile.Capabilities.Interactive && console.Profile.Out.IsTerminal)
            await ShowBarAsync(console, report, total, sending, clock);
        else
            await ShowLinesAsync(console, report, total, sending, clock);
        await sending;
    }

    private static Task ShowBarAsync(IAnsiConsole console, SendReport report, long total, Task sending, TimeProvider clock) => console.Progress()
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn(), new SpinnerColumn())
        .StartAsync(async context =>
        {
            var bar = context.AddTask("sending", maxValue: Math.Max(1, total));
            do
            {
                await EitherAsync(sending, BarInterval, clock);
                bar.Value = report.Accepted + report.Rejected;
                bar.Description = Markup.Escape(Describe(report));
            }
            while (!sending.IsCompleted);
        });

    private static async Task ShowLinesAsync(IAnsiConsole console, SendReport report, long total, Task sending, TimeProvider clock)
    {
        while (true)
        {
            await EitherAsync(sending, LineInterval, clock);
            if (sending.IsCompleted)
                return;
            await console.Profile.Out.Writer.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{Describe(report)}, of {total:N0}"));
        }
    }

    private static string Describe(SendReport report) => string.Create(
        CultureInfo.InvariantCulture, $"{report.Accepted:N0} accepted, {report.Rejected:N0} rejected, {report.Retries:N0} retries");

    private static async Task EitherAsync(Task sending, TimeSpan interval, TimeProvider clock)
    {
        using var wait = new CancellationTokenSource();
        await Task.WhenAny(sending, Task.Delay(interval, clock, wait.Token));
        await wait.CancelAsync();
    }
}
