using System.Text;
using IotBackend.Domain.Access;

namespace IotBackend.Infrastructure.Devices;

/// <summary>
/// Where in a list by name those devices stand that a key may see: a pattern is a range of names, so that a key that sees few of many looks at few.
/// </summary>
internal static class DeviceRanges
{
    /// <summary>Ascending ranges of indices that do not overlap.</summary>
    /// <param name="sorted">Devices by name.</param>
    /// <param name="visible">Which of them may be seen.</param>
    /// <param name="prefix">What the names begin with.</param>
    public static IReadOnlyList<(int Start, int End)> Of(ReadOnlySpan<DeviceRecord> sorted, DeviceSet visible, ReadOnlySpan<byte> prefix)
    {
        var whole = OfPrefix(sorted, prefix);
        if (visible.IsAll)
            return [whole];
        var found = new List<(int Start, int End)>(visible.Patterns.Count);
        foreach (var pattern in visible.Patterns)
        {
            var range = OfPattern(sorted, pattern);
            var (start, end) = (Math.Max(range.Start, whole.Start), Math.Min(range.End, whole.End));
            if (start < end)
                found.Add((start, end));
        }

        return Join(found);
    }

    /// <summary>The place of the first device whose name comes after this one.</summary>
    public static int FirstAfter(ReadOnlySpan<DeviceRecord> sorted, ReadOnlySpan<byte> name)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (sorted[middle].Utf8.AsSpan().SequenceCompareTo(name) <= 0)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private static (int Start, int End) OfPattern(ReadOnlySpan<DeviceRecord> sorted, DevicePattern pattern)
    {
        if (pattern.Text.EndsWith('*'))
            return OfPrefix(sorted, Encoding.UTF8.GetBytes(pattern.Text[..^1]));
        var name = Encoding.UTF8.GetBytes(pattern.Text);
        var start = FirstNotBefore(sorted, name);
        return (start, start < sorted.Length && sorted[start].Utf8.AsSpan().SequenceEqual(name) ? start + 1 : start);
    }

    private static (int Start, int End) OfPrefix(ReadOnlySpan<DeviceRecord> sorted, ReadOnlySpan<byte> prefix)
    {
        var start = FirstNotBefore(sorted, prefix);
        var (low, high) = (start, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (sorted[middle].Utf8.AsSpan().StartsWith(prefix))
                low = middle + 1;
            else
                high = middle;
        }

        return (start, low);
    }

    private static int FirstNotBefore(ReadOnlySpan<DeviceRecord> sorted, ReadOnlySpan<byte> name)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (sorted[middle].Utf8.AsSpan().SequenceCompareTo(name) < 0)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private static List<(int Start, int End)> Join(List<(int Start, int End)> ranges)
    {
        ranges.Sort();
        var joined = new List<(int Start, int End)>(ranges.Count);
        foreach (var range in ranges)
        {
            if (joined.Count > 0 && range.Start <= joined[^1].End)
                joined[^1] = (joined[^1].Start, Math.Max(joined[^1].End, range.End));
            else
                joined.Add(range);
        }

        return joined;
    }
}
