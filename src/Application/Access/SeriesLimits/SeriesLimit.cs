namespace IotBackend.Application.Access.SeriesLimits;

/// <summary>How much that was never seen before a key may bring within an hour.</summary>
/// <param name="Devices">New devices.</param>
/// <param name="Series">New series: devices, names and tags that did not occur together before.</param>
public sealed record SeriesLimit(long Devices, long Series)
{
    public const int WindowSeconds = 3_600;
}
