namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>The times of the first and the last of some points of a series, and how many there are.</summary>
internal readonly record struct SeriesExtent(long First, long Last, long Points)
{
    public static SeriesExtent None { get; } = new(long.MaxValue, long.MinValue, 0);
}
