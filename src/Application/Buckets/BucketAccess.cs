using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;

namespace IotBackend.Application.Buckets;

/// <summary>Who may administer which bucket.</summary>
internal static class BucketAccess
{
    private static readonly Error NotForSomeDevices =
        new(ErrorKind.Forbidden, ErrorCodes.DeviceNotAllowed, "The key is limited to some devices, and a bucket holds the measurements of all.");

    /// <summary>Null when the caller may look at the bucket; null as bucket means that its name could not be read, which is told later.</summary>
    public static Error? CheckSight(Caller caller, BucketName? name) => name is null ? null : AccessErrors.CheckBucket(caller, name);

    /// <summary>As <see cref="CheckSight"/>; and whoever may touch only some devices does not change what holds the data of all.</summary>
    public static Error? CheckChange(Caller caller, BucketName? name) =>
        CheckSight(caller, name) ?? (caller.Devices.IsAll ? null : NotForSomeDevices);
}
