namespace IotBackend.Application.Caching;

/// <summary>
/// What was last written of that which somebody reads: the numbers of the last change, of recent times and, when past ones are read too, of each slice of days.
/// Written under the lock of <see cref="AnswerGenerations"/>, read without.
/// </summary>
internal sealed class Interest(long number, int round)
{
    private long _recent = number;
    private long[]? _past;
    private int _round = round;

    /// <summary>The number of the last change at any time.</summary>
    public long Recent => Volatile.Read(ref _recent);

    /// <summary>The round of forgetting in which it was last read.</summary>
    public int Round => Volatile.Read(ref _round);

    public bool HasPast => Volatile.Read(ref _past) is not null;

    public void Use(int round)
    {
        // Not written without need: many read it at once.
        if (Round != round)
            Volatile.Write(ref _round, round);
    }

    /// <summary>The largest number of the slices, which have been made ready.</summary>
    public long PastOf(ulong slices)
    {
        var past = Volatile.Read(ref _past)!;
        var largest = 0L;
        for (var i = 0; i < DaySlices.Count; i++)
        {
            if ((slices & (1UL << i)) != 0)
                largest = Math.Max(largest, Volatile.Read(ref past[i]));
        }

        return largest;
    }

    public void ReadyPast(long number)
    {
        var past = new long[DaySlices.Count];
        Array.Fill(past, number);
        Volatile.Write(ref _past, past);
    }

    public void Change(long number, ulong slices)
    {
        Volatile.Write(ref _recent, number);
        if (slices == 0 || _past is not { } past)
            return;
        for (var i = 0; i < DaySlices.Count; i++)
        {
            if ((slices & (1UL << i)) != 0)
                Volatile.Write(ref past[i], number);
        }
    }
}
