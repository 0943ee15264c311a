using IotBackend.Domain.Measurements;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>Walks the measurements of one origin in one direction: points of the same time in its series are one measurement.</summary>
/// <param name="block">Points of a series to hold at a time, at most.</param>
internal sealed class OriginReader(
    Origin origin, Series[] fields, Memtable memtable, ChunkSessions.Lease lease, bool descending, long from, long to, int block = SeriesReader.Block)
{
    private List<SeriesReader>? _readers;

    /// <summary>While not open, the bound that no measurement of the origin lies beyond; then the time of the current one.</summary>
    public long Time { get; private set; } = descending ? to - 1 : from;

    public bool IsOpen => _readers is not null;

    public Origin Origin => origin;

    /// <summary>Looks for the first measurement; false when there is none.</summary>
    public bool Open()
    {
        _readers = new List<SeriesReader>(fields.Length);
        foreach (var series in fields)
        {
            var reader = new SeriesReader(series, memtable, lease, descending, from, to, block);
            if (reader.MoveNext())
                _readers.Add(reader);
        }

        return FindTime();
    }

    /// <summary>Takes the current measurement and goes to the next; <paramref name="hasNext"/> is false when there is none.</summary>
    public Measurement Take(out bool hasNext)
    {
        var values = new Field[CountAtTime()];
        var count = 0;
        for (var i = 0; i < _readers!.Count; i++)
        {
            var reader = _readers[i];
            if (reader.Time != Time)
                continue;
            values[count++] = new Field(reader.Series.Field.Name, reader.Value);
            if (!reader.MoveNext())
                _readers.RemoveAt(i--);
        }

        var measurement = new Measurement(origin.Key, new Timestamp(Time), values);
        hasNext = FindTime();
        return measurement;
    }

    private int CountAtTime()
    {
        var count = 0;
        foreach (var reader in _readers!)
        {
            if (reader.Time == Time)
                count++;
        }

        return count;
    }

    private bool FindTime()
    {
        if (_readers!.Count == 0)
            return false;
        Time = _readers[0].Time;
        foreach (var reader in _readers)
            Time = descending ? Math.Max(Time, reader.Time) : Math.Min(Time, reader.Time);
        return true;
    }
}
