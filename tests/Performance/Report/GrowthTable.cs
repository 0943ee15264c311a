namespace IotBackend.Performance.Report;

/// <summary>How the work grows with what is stored: a row a size.</summary>
internal sealed record GrowthTable(IReadOnlyList<IReadOnlyList<string>> Rows)
{
    public static readonly IReadOnlyList<string> Columns =
        ["points", "series", "load, points/s", "P1, requests/s", "newest 1,000, ms", "latest, ms", "bytes/point", "start, s"];
}
