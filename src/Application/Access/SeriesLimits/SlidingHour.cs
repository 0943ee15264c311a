namespace IotBackend.Application.Access.SeriesLimits;

/// <summary>Counts what happened within the last hour, to the minute. Not safe for concurrent use.</summary>
internal sealed class SlidingHour
{
    private const int Minutes = 60;

    private readonly long[] _counts = new long[Minutes];
    private long _minute;

    /// <summary>What was counted in the hour that ends with the minute; minutes before one that was asked for stay as they are.</summary>
    public long Sum { get; private set; }

    /// <summary>Goes on to a minute: what lies an hour behind it is forgotten.</summary>
    public void MoveTo(long minute)
    {
        if (minute - _minute >= Minutes)
        {
            Array.Clear(_counts);
            (_minute, Sum) = (minute, 0);
        }

        while (_minute < minute)
        {
            ref var oldest = ref _counts[++_minute % Minutes];
            Sum -= oldest;
            oldest = 0;
        }
    }

    /// <summary>Counts; less than nothing takes off what was counted last, as far as there is anything.</summary>
    public void Add(long count)
    {
        for (var minute = _minute; count < 0 && Sum > 0; minute--)
        {
            ref var last = ref _counts[minute % Minutes];
            var off = Math.Min(last, -count);
            last -= off;
            Sum -= off;
            count += off;
        }

        if (count <= 0)
            return;
        _counts[_minute % Minutes] += count;
        Sum += count;
    }

    /// <summary>Minutes until some of it is forgotten; an hour when there is nothing.</summary>
    public int MinutesToNext()
    {
        for (var after = 1; after < Minutes; after++)
        {
            if (_counts[(_minute + after) % Minutes] > 0)
                return after;
        }

        return Minutes;
    }
}
