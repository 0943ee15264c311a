using IotBackend.Domain.Measurements;

namespace IotBackend.Application.Caching;

/// <summary>The days of a time as a set of 64 slices: each day lies in one, every 64th day in the same.</summary>
internal static class DaySlices
{
    public const int Count = 64;
    public const ulong All = ulong.MaxValue;

    private const long NanosecondsPerDay = 24 * 3_600 * Timestamp.NanosecondsPerSecond;

    public static ulong Of(Timestamp time) => 1UL << SliceOf(DayOf(time.Nanoseconds));

    /// <summary>All slices of the days that the range touches.</summary>
    public static ulong Of(TimeRange range)
    {
        if (range.IsEmpty)
            return 0;
        var (first, last) = (DayOf(range.From.Nanoseconds), DayOf(range.To.Nanoseconds - 1));
        if (last - first >= Count - 1)
            return All;
        var slices = 0UL;
        for (var day = first; day <= last; day++)
            slices |= 1UL << SliceOf(day);
        return slices;
    }

    // Days before 1970 are counted downwards.
    private static long DayOf(long nanoseconds) => (nanoseconds / NanosecondsPerDay) - (nanoseconds % NanosecondsPerDay < 0 ? 1 : 0);

    private static int SliceOf(long day) => (int)(day & (Count - 1));
}
