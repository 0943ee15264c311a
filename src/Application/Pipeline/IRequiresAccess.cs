using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;

namespace IotBackend.Application.Pipeline;

/// <summary>A request that not everyone may send. Read by <see cref="AuthorizationBehavior{TRequest,TResponse}"/>.</summary>
public interface IRequiresAccess
{
    /// <summary>The scope that the caller's key must have.</summary>
    Scopes RequiredScope { get; }

    /// <summary>Refuses what the caller may not touch by object (bucket, device); null when all may go on, or at least a part of it.</summary>
    Error? AuthorizeObjects(Caller caller);
}

/// <summary>The refusals that requests share.</summary>
public static class AccessErrors
{
    /// <summary>Null when the caller may use the bucket; null as bucket means the caller's default.</summary>
    public static Error? CheckBucket(Caller caller, BucketName? bucket)
    {
        var used = bucket ?? caller.DefaultBucket;
        return caller.MayUse(used)
            ? null
            : new Error(ErrorKind.Forbidden, ErrorCodes.BucketNotAllowed, bucket is null
                ? "The key has several buckets: name one with ?bucket=."
                : $"The key may not use the bucket '{used}'.");
    }

    /// <summary>Null when the caller may use every device: for what holds measurements of many, and can not be told apart.</summary>
    public static Error? CheckAllDevices(Caller caller) => caller.Devices.IsAll
        ? null
        : new Error(ErrorKind.Forbidden, ErrorCodes.DeviceNotAllowed, "The key is limited to some devices; this is about those of all.");

    /// <summary>Null when the caller is limited neither to buckets nor to devices nor to networks: for what concerns the keys of all.</summary>
    public static Error? CheckUnlimited(Caller caller)
    {
        if (caller.Buckets.Count > 0)
            return new Error(ErrorKind.Forbidden, ErrorCodes.BucketNotAllowed, "The key is limited to some buckets; this is about all of them.");
        return CheckAllDevices(caller) ?? (caller.Networks.Count == 0
            ? null
            : new Error(ErrorKind.Forbidden, ErrorCodes.NetworkNotAllowed, "The key is limited to some networks; this is about keys of all."));
    }

    /// <summary>The same words whether the device exists or not, so that a refusal tells nothing about it.</summary>
    public static Error DeviceNotAllowed(string device) =>
        new(ErrorKind.Forbidden, ErrorCodes.DeviceNotAllowed, $"The key may not use the device '{device}'.");
}
