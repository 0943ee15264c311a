using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;

namespace IotBackend.Application.Caching;

/// <summary>A query as it can be asked again, and what those see who asked it. Holds no secret and nobody's name.</summary>
/// <param name="Address">Path and query, such as <c>/measurements?device=a&amp;from=-24h</c>.</param>
/// <param name="Buckets">The buckets that they may use; empty: all.</param>
/// <param name="Devices">The devices that they may see.</param>
public sealed record AskedQuery(string Address, IReadOnlyList<BucketName> Buckets, DeviceSet Devices)
{
    /// <summary>True when a caller who may use these buckets and devices may see all that the query shows.</summary>
    public bool IsVisibleTo(Caller caller) =>
        caller.Devices.Covers(Devices) && (caller.Buckets.Count == 0 || (Buckets.Count > 0 && Buckets.All(caller.MayUse)));
}
