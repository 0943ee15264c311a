namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>
/// Recent points of one series. In order of time they are appended; late ones gather behind and are merged in when they are many
/// or when somebody reads, so that neither order of arrival costs more than n log n. The last value of a time wins.
/// Not safe for concurrent use: <see cref="Memtable.Gate"/> guards it.
/// </summary>
internal sealed class SeriesBuffer
{
    private const int PointBytes = 2 * sizeof(long);
    private const int SmallestTail = 256;

    private long[] _times = new long[4];
    private long[] _bits = new long[4];
    private string[]? _texts;
    private int _sorted;

    public int Count { get; private set; }

    /// <summary>Bytes that the buffer holds.</summary>
    public long Bytes { get; private set; } = 96 + (4 * PointBytes);

    /// <summary>Ascending and without equals; sorts first what came late.</summary>
    public ReadOnlySpan<long> Times
    {
        get
        {
            Sort();
            return _times.AsSpan(0, Count);
        }
    }

    public ReadOnlySpan<long> Bits
    {
        get
        {
            Sort();
            return _bits.AsSpan(0, Count);
        }
    }

    /// <summary>Empty unless the series holds texts.</summary>
    public ReadOnlySpan<string> Texts
    {
        get
        {
            Sort();
            return _texts is null ? [] : _texts.AsSpan(0, Count);
        }
    }

    public void Add(long time, long bits, string? text)
    {
        if (_sorted == Count && Count > 0 && _times[Count - 1] == time)
        {
            Set(Count - 1, time, bits, text);
            return;
        }

        if (Count == _times.Length)
            Grow();
        var isInOrder = _sorted == Count && (Count == 0 || _times[Count - 1] < time);
        Set(Count++, time, bits, text);
        if (isInOrder)
            _sorted = Count;
        else if (Count - _sorted > Math.Max(SmallestTail, _sorted / 4))
            Sort();
    }

    /// <summary>Removes the points of a range and returns how many there were.</summary>
    public int RemoveRange(long from, long to)
    {
        var start = LowerBound(from);
        var end = LowerBound(to);
        if (end <= start)
            return 0;
        foreach (var columns in new Array?[] { _times, _bits, _texts })
        {
            if (columns is not null)
                Array.Copy(columns, end, columns, start, Count - end);
        }

        Count -= end - start;
        _sorted = Count;
        return end - start;
    }

    /// <summary>Index of the first point at or after the time.</summary>
    public int LowerBound(long time)
    {
        var index = Times.BinarySearch(time);
        return index < 0 ? ~index : index;
    }

    /// <summary>Puts late points in their places.</summary>
    public void Sort()
    {
        if (_sorted == Count)
            return;
        var order = new int[Count - _sorted];
        for (var i = 0; i < order.Length; i++)
            order[i] = _sorted + i;

        // By time, then by arrival: of equals the last is the one to keep.
        var times = _times;
        Array.Sort(order, (a, b) => times[a] != times[b] ? times[a].CompareTo(times[b]) : a.CompareTo(b));
        Merge(order);
    }

    private void Set(int index, long time, long bits, string? text)
    {
        _times[index] = time;
        _bits[index] = bits;
        if (text is null)
            return;
        _texts ??= new string[_times.Length];
        _texts[index] = text;
        Bytes += 24 + (2 * text.Length);
    }

    private void Grow()
    {
        var room = Count * 2;
        Array.Resize(ref _times, room);
        Array.Resize(ref _bits, room);
        if (_texts is not null)
            Array.Resize(ref _texts, room);
        Bytes += (long)Count * (PointBytes + (_texts is null ? 0 : sizeof(long)));
    }

    private void Merge(int[] order)
    {
        var (times, bits) = (new long[_times.Length], new long[_times.Length]);
        var texts = _texts is null ? null : new string[_times.Length];
        var (count, head, tail) = (0, 0, 0);
        while (head < _sorted || tail < order.Length)
        {
            var takeTail = head == _sorted || (tail < order.Length && _times[order[tail]] < _times[head]);
            var source = takeTail ? order[tail++] : head++;
            if (count > 0 && times[count - 1] == _times[source])
                count--;
            (times[count], bits[count]) = (_times[source], _bits[source]);
            if (texts is not null)
                texts[count] = _texts![source];
            count++;
        }

        (_times, _bits, _texts, Count, _sorted) = (times, bits, texts, count, count);
    }
}
