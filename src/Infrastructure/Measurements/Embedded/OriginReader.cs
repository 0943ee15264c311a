using IotBackend.Domain.Measurements;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>
/// Walks the measurements of one origin in one direction: points of the same time in its series are one measurement. A measurement costs as much as it has
/// fields, however many the origin has: those whose next point lies beyond wait in a heap. Most origins have all fields at each time, and an empty heap.
/// </summary>
/// <param name="block">Points of a series to hold at a time, at most.</param>
internal sealed class OriginReader(
    Origin origin, Series[] fields, Memtable memtable, ChunkSessions.Lease lease, bool descending, long from, long to, int block = SeriesReader.Block)
{
    private readonly PriorityQueue<int, long> _later = new();

    // Positions among the fields, ascending, of those that have a point at the current time.
    private readonly List<int> _current = [];
    private SeriesReader?[]? _readers;

    /// <summary>While not open, the bound that no measurement of the origin lies beyond; then the time of the current one.</summary>
    public long Time { get; private set; } = descending ? to - 1 : from;

    public bool IsOpen => _readers is not null;

    public Origin Origin => origin;

    /// <summary>Looks for the first measurement; false when there is none.</summary>
    public bool Open(CancellationToken cancellationToken)
    {
        _readers = new SeriesReader[fields.Length];
        var found = new List<(int, long)>(fields.Length);
        for (var i = 0; i < fields.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var reader = new SeriesReader(fields[i], memtable, lease, descending, from, to, block);
            if (!reader.MoveNext())
                continue;
            _readers[i] = reader;
            found.Add((i, Rank(reader.Time)));
        }

        _later.EnqueueRange(found);
        return FindTime();
    }

    /// <summary>Takes the current measurement and goes to the next; <paramref name="hasNext"/> is false when there is none.</summary>
    public Measurement Take(out bool hasNext)
    {
        var values = new Field[_current.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var reader = _readers![_current[i]]!;
            values[i] = new Field(reader.Series.Field.Name, reader.Value);
        }

        var measurement = new Measurement(origin.Key, new Timestamp(Time), values);
        MoveOn();
        hasNext = FindTime();
        return measurement;
    }

    // Of those that were current, the ones that come next stay.
    private void MoveOn()
    {
        var next = long.MaxValue;
        _current.RemoveAll(position =>
        {
            var reader = _readers![position]!;
            if (reader.MoveNext())
            {
                next = Math.Min(next, Rank(reader.Time));
                return false;
            }

            _readers[position] = null;
            return true;
        });
        if (_later.TryPeek(out _, out var waiting))
            next = Math.Min(next, waiting);
        _current.RemoveAll(position =>
        {
            var rank = Rank(_readers![position]!.Time);
            if (rank == next)
                return false;
            _later.Enqueue(position, rank);
            return true;
        });
    }

    private bool FindTime()
    {
        if (_current.Count > 0)
            Time = _readers![_current[0]]!.Time;
        else if (_later.TryPeek(out var first, out _))
            Time = _readers![first]!.Time;
        else
            return false;
        var stayed = _current.Count;
        while (_later.TryPeek(out var position, out var rank) && rank == Rank(Time))
        {
            _current.Add(position);
            _later.Dequeue();
        }

        if (_current.Count > stayed)
            _current.Sort();
        return true;
    }

    // What comes first is least; the complement, unlike the negative, turns around all numbers.
    private long Rank(long time) => descending ? ~time : time;
}
