using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>What a caller is told about a bucket that it can not have.</summary>
internal static class BucketErrors
{
    public static Error DefaultStays { get; } =
        new(ErrorKind.Conflict, ErrorCodes.Conflict, "The bucket 'default' always exists and can not be deleted.");

    public static Error NotFound(BucketName name) => new(ErrorKind.NotFound, ErrorCodes.BucketNotFound, $"There is no bucket '{name}'.");
}
