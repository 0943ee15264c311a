namespace IotBackend.Application.Access.SeriesLimits;

/// <summary>How much that was never seen before a key may bring within an hour.</summary>
/// <param name="Devices">New devices.</param>
/// <param name="Series">New series: fields that did not occur with their device, name and tags before; what exactly is one, the store knows.</param>
public sealed record SeriesLimit(long Devices, long Series)
{
    public const int WindowSeconds = 3_600;
}
