using System.Net;
using IotBackend.Domain.Buckets;

namespace IotBackend.Domain.Access;

/// <summary>Who sends a request, as a key grants it. Empty lists mean all.</summary>
/// <param name="KeyId">The public part of the key; never its secret.</param>
/// <param name="Tier">The name of the rate-limit tier.</param>
/// <param name="Networks">Networks that requests may come from.</param>
public sealed record Caller(
    string KeyId,
    string KeyName,
    Scopes Scopes,
    string Tier,
    IReadOnlyList<BucketName> Buckets,
    DeviceSet Devices,
    IReadOnlyList<IPNetwork> Networks)
{
    /// <summary>The bucket of a request that names none: the key's only bucket, else <see cref="BucketName.Default"/>.</summary>
    public BucketName DefaultBucket => Buckets is [var only] ? only : BucketName.Default;

    public bool MayUse(BucketName bucket) => Buckets.Count == 0 || Buckets.Contains(bucket);

    public bool MayCallFrom(IPAddress? address)
    {
        if (Networks.Count == 0)
            return true;
        if (address is null)
            return false;
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Networks.Any(network => network.Contains(plain));
    }
}
