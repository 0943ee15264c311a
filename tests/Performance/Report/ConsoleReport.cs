using Spectre.Console;

namespace IotBackend.Performance.Report;

/// <summary>The table as a person at a terminal reads it.</summary>
internal static class ConsoleReport
{
    public static void Print(IReadOnlyCollection<Row> rows)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("#", "work", "against", "here", "there", "result", "goal", "");
        foreach (var row in rows)
        {
            table.AddRow(
                row.Id, Markup.Escape(row.Work), Markup.Escape(row.Against), Markup.Escape(row.Ours), Markup.Escape(row.Theirs),
                Markup.Escape(row.FigureText), Markup.Escape(row.Goal.Text), Mark(row));
        }

        AnsiConsole.Write(table);
    }

    public static void Print(GrowthTable growth) => Print(GrowthTable.Columns, growth.Rows);

    public static void Print(OverloadTable overload) => Print(OverloadTable.Columns, overload.Rows);

    private static void Print(IEnumerable<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns([.. columns]);
        foreach (var row in rows)
            table.AddRow([.. row.Select(Markup.Escape)]);
        AnsiConsole.Write(table);
    }

    private static string Mark(Row row) => row.IsReached switch
    {
        true => "[green]✓[/]",
        false => "[red]✗[/]",
        null => string.Empty,
    };
}
