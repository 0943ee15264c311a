using System.Text;
using IotBackend.Application.Buckets;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>
/// The buckets of the embedded store. They change on the committer's thread alone, between two commits, and on disk before in memory;
/// what they are is read from memory.
/// </summary>
internal sealed class EmbeddedBuckets(
    Catalog catalog, InboxFile inbox, Memtable memtable, Committer committer, BucketReads reads, UsageReader usage, TimeProvider time, Action sweepNeeded)
    : IBucketStore
{
    public ValueTask<Result<Bucket>> FindAsync(BucketName name, CancellationToken cancellationToken) =>
        ValueTask.FromResult(catalog.FindBucket(name.Value)?.Found ?? StoreErrors.NotFound(name));

    public ValueTask<Result<IReadOnlyList<Bucket>>> ListAsync(CancellationToken cancellationToken)
    {
        var buckets = catalog.Buckets.Select(bucket => bucket.Settings).ToArray();
        Array.Sort(buckets, static (a, b) => Utf8(a).SequenceCompareTo(Utf8(b)));
        return ValueTask.FromResult(Result<IReadOnlyList<Bucket>>.Success(buckets));
    }

    public async ValueTask<Result<BucketChange>> SaveAsync(Bucket bucket, BucketCondition condition, CancellationToken cancellationToken)
    {
        var saved = await committer.RunAsync(() => Save(bucket, condition));
        if (saved.IsSuccess && !saved.Value.IsNew)
            sweepNeeded();
        return saved;
    }

    public async ValueTask<Result<Bucket>> DeleteAsync(BucketName name, BucketCondition condition, CancellationToken cancellationToken)
    {
        var deleted = await committer.RunAsync(() => Delete(name, condition));
        if (deleted.IsSuccess)
            sweepNeeded();
        return deleted;
    }

    /// <summary>As <see cref="UsageReader"/> counts; reads all that the bucket holds, half a gigabyte a second where memory holds the file.</summary>
    public ValueTask<Result<BucketUsage>> MeasureAsync(BucketName name, CancellationToken cancellationToken) =>
        ValueTask.FromResult(reads.Read(name, bucket => usage.Read(bucket, bucket.Settings.Retention.OldestAt(Now), cancellationToken)));

    private static ReadOnlySpan<byte> Utf8(Bucket bucket) => Encoding.UTF8.GetBytes(bucket.Name.Value);

    private Timestamp Now => Timestamp.From(time.GetUtcNow());

    private Result<BucketChange> Save(Bucket bucket, BucketCondition condition)
    {
        var known = catalog.FindBucket(bucket.Name.Value);
        if (condition.Check(known?.Settings) is { } unmet)
            return unmet;
        if (known is null)
        {
            inbox.Change(tables => tables.Insert(catalog.NextBucketId, bucket));
            catalog.AddBucket(bucket);
            return new BucketChange(bucket, IsNew: true);
        }

        Expire(known, bucket.Retention);
        inbox.Change(tables => tables.Update(known.Id, bucket));
        known.Change(bucket);
        return new BucketChange(bucket, IsNew: false);
    }

    // What has become too old once does not come back when the bucket keeps longer from now on, whether it was swept already or not.
    private void Expire(BucketCatalog bucket, Retention retention)
    {
        var now = Now;
        var oldest = bucket.Settings.Retention.OldestAt(now);
        if (retention.OldestAt(now) < oldest)
            committer.Delete([.. bucket.Origins.SelectMany(origin => origin.Fields)], new TimeRange(Timestamp.MinValue, oldest));
    }

    private Result<Bucket> Delete(BucketName name, BucketCondition condition)
    {
        if (name == BucketName.Default)
            return StoreErrors.DefaultStays;
        if (catalog.FindBucket(name.Value) is not { } bucket)
            return StoreErrors.NotFound(name);
        if (condition.Check(bucket.Settings) is { } unmet)
            return unmet;
        var lastSequence = inbox.Sequence;
        inbox.Change(tables => tables.MarkDeleted(bucket.Id, lastSequence));
        catalog.Delete(bucket, lastSequence);
        memtable.Drop(bucket);
        return bucket.Settings;
    }
}
