using IotBackend.Application.Buckets;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;

namespace IotBackend.Application.Caching;

/// <summary>A bucket that is gone, new, or keeps its measurements for another time is read anew.</summary>
internal sealed class InvalidatingBucketStore(IBucketStore store, AnswerInvalidation invalidation) : IBucketStore
{
    public ValueTask<Result<Bucket>> FindAsync(BucketName name, CancellationToken cancellationToken) => store.FindAsync(name, cancellationToken);

    public ValueTask<Result<IReadOnlyList<Bucket>>> ListAsync(CancellationToken cancellationToken) => store.ListAsync(cancellationToken);

    public ValueTask<Result<BucketChange>> SaveAsync(Bucket bucket, BucketCondition condition, CancellationToken cancellationToken) =>
        ThenInvalidateAsync(bucket.Name, store.SaveAsync(bucket, condition, cancellationToken));

    public ValueTask<Result<Bucket>> DeleteAsync(BucketName name, BucketCondition condition, CancellationToken cancellationToken) =>
        ThenInvalidateAsync(name, store.DeleteAsync(name, condition, cancellationToken));

    public ValueTask<Result<BucketUsage>> MeasureAsync(BucketName name, CancellationToken cancellationToken) => store.MeasureAsync(name, cancellationToken);

    // Whatever the outcome: a change whose answer was lost may have been made.
    private async ValueTask<Result<T>> ThenInvalidateAsync<T>(BucketName name, ValueTask<Result<T>> change)
    {
        try
        {
            return await change;
        }
        finally
        {
            await invalidation.ChangedAsync(name, []);
        }
    }
}
