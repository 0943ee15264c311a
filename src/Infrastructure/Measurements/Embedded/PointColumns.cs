namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>Points of one series as columns that are filled again and again without allocating. Not safe for concurrent use.</summary>
internal sealed class PointColumns
{
    private const int SmallestRoom = 16;

    /// <summary>Nanoseconds since 1970; the first <see cref="Count"/> are points.</summary>
    public long[] Times = [];

    /// <summary>Bits of a double, or 0 and 1; meaningless for texts.</summary>
    public long[] Bits = [];

    /// <summary>Empty until the first text comes, afterwards as long as the other columns.</summary>
    public string[] Texts = [];

    public int Count;

    /// <summary>Forgets the points and keeps the room; texts are let go.</summary>
    public void Clear()
    {
        Array.Clear(Texts, 0, Math.Min(Count, Texts.Length));
        Count = 0;
    }

    public void Add(long time, long bits, string? text)
    {
        EnsureRoom(1);
        Times[Count] = time;
        Bits[Count] = bits;
        if (text is not null)
        {
            EnsureTexts();
            Texts[Count] = text;
        }

        Count++;
    }

    public void EnsureRoom(int more)
    {
        var wanted = checked(Count + more);
        if (wanted <= Times.Length)
            return;
        var room = Math.Max(Math.Max(wanted, SmallestRoom), Times.Length * 2);
        Array.Resize(ref Times, room);
        Array.Resize(ref Bits, room);
        if (Texts.Length > 0)
            Array.Resize(ref Texts, room);
    }

    /// <summary>Gives texts as much room as the other columns have.</summary>
    public void EnsureTexts()
    {
        if (Texts.Length < Times.Length)
            Array.Resize(ref Texts, Times.Length);
    }
}
