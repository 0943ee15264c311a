using IotBackend.Performance.Measurements;
using IotBackend.Performance.Report;
using Spectre.Console;

namespace IotBackend.Performance;

/// <summary>Runs measurements one after the other, prints the table, and keeps it in the documentation when asked to.</summary>
internal sealed class Runner(Bench bench, bool writeDocs)
{
    public async Task<int> RunAsync(IReadOnlyCollection<IBenchmark> benchmarks, bool growth, CancellationToken cancellationToken)
    {
        var machine = TellMachine();
        var rows = new List<Row>();
        var failed = false;
        foreach (var benchmark in benchmarks)
            failed |= !await TryAsync(benchmark, rows, cancellationToken);
        if (rows.Count > 0)
            ConsoleReport.Print(rows);
        var page = new PerformancePage(PerformancePage.DefaultPath, TimeProvider.System);
        if (writeDocs && rows.Count > 0)
            page.Keep(rows, machine);
        if (growth)
            await GrowAsync(page, machine, cancellationToken);
        return failed ? 1 : 0;
    }

    /// <summary>What happens beyond the capacity.</summary>
    public async Task<int> OverloadAsync(IReadOnlyList<int> factors, TimeSpan duration, CancellationToken cancellationToken)
    {
        var machine = TellMachine();
        var table = await Overload.RunAsync(bench, factors, duration, cancellationToken);
        ConsoleReport.Print(table);
        if (writeDocs)
            new PerformancePage(PerformancePage.DefaultPath, TimeProvider.System).Keep(table, machine);
        return 0;
    }

    private string TellMachine()
    {
        var machine = $"{Machine.Describe()}, {Machine.FileSystem(bench.DataParent)}";
        AnsiConsole.MarkupLineInterpolated($"Commit {Repository.Commit()}; {machine}");
        if (Machine.FileSystem(bench.DataParent) is "tmpfs" or "ramfs")
            AnsiConsole.MarkupLine("[yellow]The data lies in memory: nothing is durable, and no figure of writing means anything. Use --data.[/]");
        return machine;
    }

    private async Task GrowAsync(PerformancePage page, string machine, CancellationToken cancellationToken)
    {
        var table = await Growth.RunAsync(bench, cancellationToken);
        ConsoleReport.Print(table);
        if (writeDocs)
            page.Keep(table, machine);
    }

    // One measurement that can not be taken must not cost the others; its row is missing and the exit code says so.
    private async Task<bool> TryAsync(IBenchmark benchmark, List<Row> rows, CancellationToken cancellationToken)
    {
        bench.Say(benchmark.Id);
        try
        {
            rows.AddRange(await benchmark.RunAsync(bench, cancellationToken));
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            AnsiConsole.MarkupLineInterpolated($"[red]{benchmark.Id} could not be measured:[/] {exception.Message}");
            return false;
        }
    }
}
