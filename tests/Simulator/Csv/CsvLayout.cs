namespace IotBackend.Simulator.Csv;

/// <summary>Which columns hold the time, found by their headers: <c>timestamp</c>, or <c>date</c> and <c>time</c>; all others are fields.</summary>
internal sealed class CsvLayout
{
    private readonly int _time;
    private readonly int? _date;

    private CsvLayout(int time, int? date, IReadOnlyList<(int Column, string Name)> fields) => (_time, _date, Fields) = (time, date, fields);

    public IReadOnlyList<(int Column, string Name)> Fields { get; }

    /// <exception cref="UnreadableFileException">The headers name no time, or one name twice.</exception>
    public static CsvLayout Detect(string file, IReadOnlyList<string> headers)
    {
        var names = headers.Select(h => h.Trim()).ToList();
        if (names.GroupBy(n => n, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new UnreadableFileException(file, 1, $"the column '{twice.Key}' occurs twice");
        var (timestamp, date, time) = (IndexOf(names, "timestamp"), IndexOf(names, "date"), IndexOf(names, "time"));
        if (timestamp >= 0)
            return new(timestamp, null, FieldsBut(names, timestamp, timestamp));
        if (date >= 0 && time >= 0)
            return new(time, date, FieldsBut(names, date, time));
        throw new UnreadableFileException(file, 1, "the header names neither 'timestamp' nor 'date' and 'time'");
    }

    /// <summary>The text of a row's time, the date before the time.</summary>
    public string TimeText(IReadOnlyList<string> cells) => _date is { } date ? $"{cells[date].Trim()} {cells[_time].Trim()}" : cells[_time].Trim();

    private static int IndexOf(List<string> names, string name) => names.FindIndex(n => n.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static List<(int Column, string Name)> FieldsBut(List<string> names, int first, int second) =>
        [.. names.Index().Where(n => n.Index != first && n.Index != second).Select(n => (n.Index, n.Item))];
}
