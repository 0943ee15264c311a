using IotBackend.Application.Pipeline;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;

namespace IotBackend.Application.Buckets;

/// <summary>Turns what a caller asks for into what the store compares, at the moment of the change, with what there is.</summary>
internal static class BucketPrecondition
{
    private static readonly Error IsAnotherVersion = new(
        ErrorKind.PreconditionFailed, ErrorCodes.PreconditionFailed, "The bucket is no longer the version that the request names: read it again.");

    /// <summary>Fails with <c>precondition_failed</c> when the bucket is already another, and as <see cref="IBucketStore.FindAsync"/> does.</summary>
    public static async ValueTask<Result<BucketCondition>> ResolveAsync(
        this Precondition precondition, IBucketStore store, BucketName name, CancellationToken cancellationToken) => precondition.Kind switch
        {
            PreconditionKind.Exists => BucketCondition.Exists,
            PreconditionKind.IsNew => BucketCondition.IsNew,
            PreconditionKind.IsOneOf => await ExpectAsync(precondition.Versions, store, name, cancellationToken),
            _ => BucketCondition.None,
        };

    private static async ValueTask<Result<BucketCondition>> ExpectAsync(
        IReadOnlyList<string> versions, IBucketStore store, BucketName name, CancellationToken cancellationToken)
    {
        var found = await store.FindAsync(name, cancellationToken);

        // The store says what that means for the change at hand.
        if (found.Error?.Code == ErrorCodes.BucketNotFound)
            return BucketCondition.Exists;
        if (found.Error is { } failure)
            return failure;
        return versions.Contains(MeasuredBucket.VersionOf(found.Value)) ? BucketCondition.IsStill(found.Value) : IsAnotherVersion;
    }
}
