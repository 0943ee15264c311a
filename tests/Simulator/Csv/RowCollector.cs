using IotBackend.Simulator.Sending;

namespace IotBackend.Simulator.Csv;

/// <summary>Gathers the rows of one file by their instant.</summary>
internal sealed class RowCollector(CsvOptions options, CsvLayout layout, string file, int columns)
{
    private readonly SortedDictionary<DateTimeOffset, Dictionary<string, string>> _byTime = [];
    private readonly LocalTimes _times = new(options.TimeZone);
    private int _rows;
    private int _empty;
    private int _merged;
    private int _skippedTimes;

    public void Add(long line, string[] cells)
    {
        _rows++;
        if (cells.Length != columns)
            throw new UnreadableFileException(file, line, $"{cells.Length} cells where the header has {columns}");
        if (!_times.TryRead(layout.TimeText(cells), out var instant))
            throw new UnreadableFileException(file, line, $"'{layout.TimeText(cells)}' is no date and time that can be read");
        if (instant is not { } time)
            _skippedTimes++;
        else
            Merge(time, cells);
    }

    public CsvSamples ToSamples(string device, string? name) => new(
        [.. _byTime.Select(row => new Sample(device, name, row.Key, [.. row.Value.Select(f => new SampleField(f.Key, f.Value))]))],
        _rows, _empty, _merged, _skippedTimes);

    private void Merge(DateTimeOffset time, string[] cells)
    {
        var values = layout.Fields
            .Select(field => (field.Name, Json: CellValue.ToJson(cells[field.Column], options.Missing)))
            .Where(value => value.Json is not null)
            .ToDictionary(value => value.Name, value => value.Json!);
        if (values.Count == 0)
        {
            _empty++;
        }
        else if (!_byTime.TryAdd(time, values))
        {
            _merged++;
            foreach (var (field, json) in values)
                _byTime[time][field] = json;
        }
    }
}
