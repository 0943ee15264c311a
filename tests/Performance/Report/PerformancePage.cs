namespace IotBackend.Performance.Report;

/// <summary>
/// Keeps the last results in <c>docs/performance.md</c>, between markers; the text around them is written by hand. Rows that were
/// not measured this time stay, each with the date, commit and processor of its own.
/// </summary>
internal sealed class PerformancePage(string path, TimeProvider clock)
{
    private const string Results = "results";
    private const string Growth = "growth";
    private const string Overload = "overload";
    private const string Heading = """
        | # | work | against | here | there | result | goal | reached | measured |
        | --- | --- | --- | --- | --- | --- | --- | --- | --- |
        """;

    private string Stamp => string.Create(Invariant, $"{clock.GetUtcNow():yyyy-MM-dd}, {Repository.Commit()}");

    public static string DefaultPath => Path.Combine(Repository.Root, "docs", "performance.md");

    public void Keep(IReadOnlyCollection<Row> rows, string machine)
    {
        var page = File.ReadAllText(path);
        var measured = rows.Select(row => row.Id).ToHashSet();
        var kept = Section(page, Results).Split('\n').Where(line => IsRow(line) && !measured.Contains(IdOf(line)));
        var lines = kept.Concat(rows.Select(row => Line(row, machine))).OrderBy(line => int.Parse(IdOf(line).AsSpan(1), Invariant));
        Replace(page, Results, $"Machine of the last run: {machine}.\n\n{Heading}\n{string.Join('\n', lines)}");
    }

    public void Keep(GrowthTable growth, string machine) =>
        Replace(File.ReadAllText(path), Growth, $"Measured {Stamp}, on {machine}.\n\n{Table(GrowthTable.Columns, growth.Rows)}");

    public void Keep(OverloadTable overload, string machine) => Replace(
        File.ReadAllText(path),
        Overload,
        string.Create(
            Invariant,
            $"Measured {Stamp}, on {machine}. Capacity {overload.Capacity:#,0} requests/s, each load for {overload.Duration.TotalSeconds:0} s.\n\n{Table(OverloadTable.Columns, overload.Rows)}"));

    private static string Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        var heading = $"| {string.Join(" | ", columns)} |\n|{string.Concat(Enumerable.Repeat(" --- |", columns.Count))}";
        return $"{heading}\n{string.Join('\n', rows.Select(row => $"| {string.Join(" | ", row)} |"))}";
    }

    private string Line(Row row, string machine)
    {
        var reached = row.IsReached switch { true => "yes", false => "**no**", null => "–" };
        return $"| {row.Id} | {row.Work} | {row.Against} | {row.Ours} | {row.Theirs} | {row.FigureText} | {row.Goal.Text} | {reached} | {Stamp}, {machine.Split(',')[0]} |";
    }

    private void Replace(string page, string section, string text)
    {
        var old = Section(page, section);
        var start = page.IndexOf(Begin(section), StringComparison.Ordinal) + Begin(section).Length;
        File.WriteAllText(path, $"{page[..start]}\n{text}\n{page[(start + old.Length)..]}");
    }

    private string Section(string page, string section)
    {
        var start = page.IndexOf(Begin(section), StringComparison.Ordinal);
        var end = page.IndexOf($"<!-- {section}:end -->", StringComparison.Ordinal);
        return start >= 0 && end > start
            ? page[(start + Begin(section).Length)..end]
            : throw new InvalidOperationException($"{path} has no markers for {section}.");
    }

    private static string Begin(string section) => $"<!-- {section}:begin -->";

    private static bool IsRow(string line) => line.StartsWith("| P", StringComparison.Ordinal);

    private static string IdOf(string line) => line.Split('|')[1].Trim();
}
