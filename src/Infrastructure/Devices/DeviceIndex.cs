using System.Runtime.CompilerServices;
using System.Text;
using IotBackend.Application.Devices;

namespace IotBackend.Infrastructure.Devices;

/// <summary>
/// The devices of a bucket by name, in an array that is replaced when new ones have come: a page is found by halving, and filters look at records
/// side by side in memory, at 100,000 in a millisecond or two.
/// </summary>
internal sealed class DeviceIndex
{
    private readonly Lock _gate = new();
    private readonly List<DeviceRecord> _added = [];
    private DeviceRecord[] _sorted = [];

    /// <summary>Adds a device that is not there yet.</summary>
    public void Add(DeviceRecord record)
    {
        lock (_gate)
            _added.Add(record);
    }

    /// <summary>All records by name, those that are not to be shown too.</summary>
    public ReadOnlySpan<DeviceRecord> Sorted()
    {
        lock (_gate)
        {
            if (_added.Count > 0)
                Merge();
            return _sorted;
        }
    }

    // Optimized from the first call on: a filter that takes few of many looks at all of them in one call (test of 100,000 devices).
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public DevicePage List(DeviceQuery query)
    {
        var sorted = Sorted();
        var first = query.After is { } after ? DeviceRanges.FirstAfter(sorted, Encoding.UTF8.GetBytes(after)) : 0;
        var (active, inactive) = (query.ActiveSince?.Nanoseconds ?? long.MinValue, query.InactiveSince?.Nanoseconds ?? long.MaxValue);
        var items = new List<DeviceSummary>(Math.Min(query.Limit, 1_000));
        foreach (var range in DeviceRanges.Of(sorted, query.Visible, Encoding.UTF8.GetBytes(query.Prefix)))
        {
            for (var i = Math.Max(range.Start, first); i < range.End; i++)
            {
                if (!IsAsked(sorted[i], active, inactive))
                    continue;
                if (items.Count == query.Limit)
                    return new DevicePage(items, HasMore: true);
                items.Add(sorted[i].ToSummary());
            }
        }

        return new DevicePage(items, HasMore: false);
    }

    private static bool IsAsked(DeviceRecord record, long active, long inactive) =>
        record.Measurements > 0 && record.LastSeen >= active && record.LastSeen < inactive;

    // What lies between two new ones is copied as a whole: a few new devices among many cost no look at the many.
    private void Merge()
    {
        _added.Sort(static (a, b) => a.Utf8.AsSpan().SequenceCompareTo(b.Utf8));
        var merged = new DeviceRecord[_sorted.Length + _added.Count];
        var (taken, length) = (0, 0);
        foreach (var record in _added)
        {
            var end = taken + DeviceRanges.FirstAfter(_sorted.AsSpan(taken), record.Utf8);
            _sorted.AsSpan(taken, end - taken).CopyTo(merged.AsSpan(length));
            length += end - taken;
            merged[length++] = record;
            taken = end;
        }

        _sorted.AsSpan(taken).CopyTo(merged.AsSpan(length));
        _sorted = merged;
        _added.Clear();
    }
}
