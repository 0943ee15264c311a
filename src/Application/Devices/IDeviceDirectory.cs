using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Application.Devices;

/// <summary>Which devices have sent what is stored. Answered from memory, whatever the store; docs/devices.md tells what is exact.</summary>
public interface IDeviceDirectory
{
    /// <summary>A page of devices in the order of their names in UTF-8. Fails with <c>bucket_not_found</c>.</summary>
    ValueTask<Result<DevicePage>> ListAsync(DeviceQuery query, CancellationToken cancellationToken);

    /// <summary>One device; null when it is not known. Fails with <c>bucket_not_found</c>.</summary>
    ValueTask<Result<DeviceSummary?>> FindAsync(BucketName bucket, string device, CancellationToken cancellationToken);
}

/// <param name="Bucket">The bucket.</param>
/// <param name="Visible">The devices that the caller's key allows.</param>
/// <param name="Prefix">What names begin with; empty: anything.</param>
/// <param name="ActiveSince">Only devices that were last seen at this time or later; null: whenever.</param>
/// <param name="InactiveSince">Only devices that were last seen before this time; null: whenever.</param>
/// <param name="Limit">The most devices of a page.</param>
/// <param name="After">The last name of the page before; null for the first page.</param>
public sealed record DeviceQuery(
    BucketName Bucket, DeviceSet Visible, string Prefix, Timestamp? ActiveSince, Timestamp? InactiveSince, int Limit, string? After);

/// <param name="Device">Its name.</param>
/// <param name="FirstSeen">When its first measurement was received.</param>
/// <param name="LastSeen">When its last measurement was received.</param>
/// <param name="Measurements">How many measurements of it were stored.</param>
public sealed record DeviceSummary(string Device, Timestamp FirstSeen, Timestamp LastSeen, long Measurements);

/// <param name="Items">Devices in order.</param>
/// <param name="HasMore">True when there are more than the limit.</param>
public sealed record DevicePage(IReadOnlyList<DeviceSummary> Items, bool HasMore);
