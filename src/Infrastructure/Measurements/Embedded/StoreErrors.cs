using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>What a caller is told when the store can not do what was asked.</summary>
internal static class StoreErrors
{
    public static Error DefaultStays { get; } =
        new(ErrorKind.Conflict, ErrorCodes.Conflict, "The bucket 'default' always exists and can not be deleted.");

    public static Error Overloaded { get; } =
        new(ErrorKind.Unavailable, ErrorCodes.Overloaded, "More measurements come than can be written to disk.") { RetryAfter = TimeSpan.FromSeconds(2) };

    public static Error Unreadable { get; } =
        new(ErrorKind.Unavailable, ErrorCodes.StorageUnavailable, "The measurements can not be read now.") { RetryAfter = TimeSpan.FromSeconds(30) };

    public static Error Unavailable(string message) =>
        new(ErrorKind.Unavailable, ErrorCodes.StorageUnavailable, message) { RetryAfter = TimeSpan.FromSeconds(5) };

    public static Error NotFound(BucketName name) => new(ErrorKind.NotFound, ErrorCodes.BucketNotFound, $"There is no bucket '{name}'.");
}
