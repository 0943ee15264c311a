namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>
/// Counts what each device sends, for the committer alone. In memory at once; on disk before the inbox rows go that tell of it, each record with
/// the row up to which it counts, so that a replay counts the rest and nothing twice. A few records a transaction, so that no commit is long.
/// </summary>
internal sealed class DeviceTally
{
    private List<StoredDevice> _dirty = [];
    private List<StoredDevice> _saving = [];
    private long _appliedTo;
    private long _savingTo;
    private int _next;
    private int _written;

    /// <summary>All that inbox rows up to this one tell of devices is on disk in their records.</summary>
    public long SavedTo { get; private set; }

    /// <summary>Takes over what the file says at the start: rows up to this one are gone, and counted.</summary>
    public void Begin(long sequence) => (SavedTo, _appliedTo) = (sequence, sequence);

    /// <summary>Counts the measurements of an inbox row: those points that follow each other with one origin and one time are one.</summary>
    /// <param name="points">As they stand in the row.</param>
    /// <param name="sequence">The row.</param>
    /// <param name="received">When it was written, in nanoseconds.</param>
    public void Count(ReadOnlySpan<GroupPoint> points, long sequence, long received)
    {
        var (origin, time) = ((Origin?)null, 0L);
        foreach (ref readonly var point in points)
        {
            if (point.Series.Origin == origin && point.Time == time)
                continue;
            (origin, time) = (point.Series.Origin, point.Time);
            Count(origin, sequence, received);
        }

        Advance(sequence);
    }

    /// <summary>The inbox row is in memory, whatever it did.</summary>
    public void Advance(long sequence) => _appliedTo = sequence;

    /// <summary>Nothing is left of the devices: they are not told of until they send again.</summary>
    public void Forget(IEnumerable<StoredDevice> devices, long sequence)
    {
        foreach (var device in devices)
        {
            device.Record.Forget();
            device.SavedTo = sequence;
        }

        Advance(sequence);
    }

    /// <summary>
    /// Writes some of the records that have to be on disk before rows up to the given one may go, and returns the row up to which they may once the
    /// transaction is on disk; then <see cref="Saved"/> is called.
    /// </summary>
    public long Save(CatalogTables tables, long upTo, int atMost)
    {
        _written = 0;
        if (SavedTo >= upTo)
            return SavedTo;
        if (_next == _saving.Count)
            BeginRound();
        for (; _written < atMost && _next + _written < _saving.Count; _written++)
            tables.Save(_saving[_next + _written], _appliedTo);
        return _next + _written == _saving.Count ? _savingTo : SavedTo;
    }

    /// <summary>What was written last is on disk now.</summary>
    public void Saved()
    {
        foreach (var device in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_saving).Slice(_next, _written))
            device.SavedTo = _appliedTo;
        _next += _written;
        _written = 0;
        if (_savingTo > SavedTo && _next == _saving.Count)
            SavedTo = _savingTo;
    }

    private void BeginRound()
    {
        _saving.Clear();
        (_saving, _dirty) = (_dirty, _saving);
        foreach (var device in _saving)
            device.IsDirty = false;
        (_next, _savingTo) = (0, _appliedTo);
    }

    private void Count(Origin origin, long sequence, long received)
    {
        var device = origin.Owner;
        if (device.SavedTo >= sequence)
            return;
        device.Record.Add(1, received);
        if (device.IsDirty)
            return;
        device.IsDirty = true;
        _dirty.Add(device);
        if (device.IsListed)
            return;
        device.IsListed = true;
        device.Bucket.Index.Add(device.Record);
    }
}
