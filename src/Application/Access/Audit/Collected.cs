namespace IotBackend.Application.Access.Audit;

/// <summary>Equal events of a minute: the first of them, and how many they are.</summary>
internal sealed class Collected(AuditEntry first, EventSource source, long since, int count = 1)
{
    // Negative when it is closed.
    private int _count = count;
    private int _isTaken;
    private int _final;

    public EventSource Source => source;

    /// <summary>A timestamp of the <see cref="TimeProvider"/>.</summary>
    public long Since => since;

    public bool IsWritten => Written is not null;

    /// <summary>The entry as it was written; null before.</summary>
    public AuditEntry? Written { get; set; }

    /// <summary>That the first log line is written.</summary>
    public bool IsLogged { get; set; }

    public bool HasGrown => Entry.Count > (Written?.Count ?? 0);

    /// <summary>The entry as it is now.</summary>
    public AuditEntry Entry => first with { Id = Written?.Id ?? 0, Count = Math.Max(Volatile.Read(ref _final), Volatile.Read(ref _count)) };

    /// <summary>True for the first who asks, who made it.</summary>
    public bool IsTaken() => Interlocked.Exchange(ref _isTaken, 1) == 0;

    /// <summary>Counts one more; false when it is closed.</summary>
    public bool TryCount()
    {
        var seen = Volatile.Read(ref _count);
        while (seen is > 0 and < int.MaxValue)
        {
            var found = Interlocked.CompareExchange(ref _count, seen + 1, seen);
            if (found == seen)
                return true;
            seen = found;
        }

        return seen == int.MaxValue;
    }

    /// <summary>Counts no more from now on.</summary>
    public void Close()
    {
        var last = Interlocked.Exchange(ref _count, -1);
        if (last > 0)
            Volatile.Write(ref _final, last);
    }
}

/// <summary>What is to be written of the collected events.</summary>
/// <param name="Added">Not in the log yet.</param>
/// <param name="Counted">In the log with a count that has grown since.</param>
internal sealed record SecurityEventBatch(IReadOnlyList<Collected> Added, IReadOnlyList<Collected> Counted)
{
    public bool IsEmpty => Added.Count == 0 && Counted.Count == 0;
}
