using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;

namespace IotBackend.Application.Buckets;

/// <summary>Buckets and their rules, kept beside the measurements themselves. Every store behaves the same.</summary>
public interface IBucketStore
{
    /// <summary>
    /// One bucket, from memory: it is asked for with every request. Fails with <c>bucket_not_found</c>, or with
    /// <c>storage_unavailable</c> when it is not known here and the database can not be asked now.
    /// </summary>
    ValueTask<Result<Bucket>> FindAsync(BucketName name, CancellationToken cancellationToken);

    /// <summary>All buckets, ordered by the UTF-8 bytes of their names.</summary>
    ValueTask<Result<IReadOnlyList<Bucket>>> ListAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Creates the bucket or changes it, durably. Fails with <c>precondition_failed</c>, changing nothing, when the condition does not
    /// hold; with <c>not_supported_by_store</c> for what this database can not do.
    /// </summary>
    ValueTask<Result<BucketChange>> SaveAsync(Bucket bucket, BucketCondition condition, CancellationToken cancellationToken);

    /// <summary>Deletes the bucket with all that it holds, durably. Fails as <see cref="SaveAsync"/> does, and with <c>bucket_not_found</c>.</summary>
    ValueTask<Result<Bucket>> DeleteAsync(BucketName name, BucketCondition condition, CancellationToken cancellationToken);

    /// <summary>How much the bucket holds; looks at the store, and so takes longer than the rest.</summary>
    ValueTask<Result<BucketUsage>> MeasureAsync(BucketName name, CancellationToken cancellationToken);
}

/// <summary>What must be true of a bucket for a change to happen.</summary>
/// <param name="Kind">What is asked.</param>
/// <param name="Expected">The state that the caller has seen, for <see cref="BucketConditionKind.IsAsExpected"/>.</param>
public sealed record BucketCondition(BucketConditionKind Kind, Bucket? Expected = null)
{
    public static BucketCondition None { get; } = new(BucketConditionKind.None);

    public static BucketCondition Exists { get; } = new(BucketConditionKind.Exists);

    public static BucketCondition IsNew { get; } = new(BucketConditionKind.IsNew);

    public static BucketCondition IsStill(Bucket expected) => new(BucketConditionKind.IsAsExpected, expected);

    /// <summary>Null when the condition holds for what there is now; null as current means that there is no such bucket.</summary>
    public Error? Check(Bucket? current)
    {
        var holds = Kind switch
        {
            BucketConditionKind.Exists => current is not null,
            BucketConditionKind.IsNew => current is null,
            BucketConditionKind.IsAsExpected => current is not null && current == Expected,
            _ => true,
        };
        return holds ? null : new Error(ErrorKind.PreconditionFailed, ErrorCodes.PreconditionFailed, "The bucket is not in the state that the request names.");
    }
}

public enum BucketConditionKind
{
    None,
    Exists,
    IsNew,
    IsAsExpected,
}

/// <param name="Bucket">The bucket as it is now.</param>
/// <param name="IsNew">True when it did not exist before.</param>
public sealed record BucketChange(Bucket Bucket, bool IsNew);

/// <param name="Measurements">Measurements that the bucket holds; null when the database can not tell, or not in reasonable time.</param>
/// <param name="Bytes">Bytes that they take on disk; null when the database can not tell.</param>
public sealed record BucketUsage(long? Measurements, long? Bytes);
