namespace IotBackend.Domain.Measurements;

/// <summary>
/// Gives times of receipt that never repeat: a nanosecond later than the last one when the clock has not moved on,
/// so that no measurement without a time of its own overwrites another. Safe for concurrent use.
/// </summary>
public sealed class ReceiptSequence
{
    private long _last = long.MinValue;

    /// <summary>The given time, or the first free one after it.</summary>
    public Timestamp Next(Timestamp received) => Next(received, 1);

    /// <summary>The first of so many free times in a row, from the given one on.</summary>
    public Timestamp Next(Timestamp received, int count)
    {
        while (true)
        {
            var last = Interlocked.Read(ref _last);
            var next = Math.Max(received.Nanoseconds, last + 1);
            if (Interlocked.CompareExchange(ref _last, next + count - 1, last) == last)
                return new Timestamp(next);
        }
    }
}
