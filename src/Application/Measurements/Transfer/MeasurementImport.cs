using IotBackend.Application.Buckets;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Application.Measurements.Transfer;

/// <summary>What to import.</summary>
/// <param name="Path">The file; <c>-</c> for the standard input.</param>
/// <param name="Target">Where it goes, in words that are the same each time.</param>
/// <param name="IsContinued">Whether to go on where an import of the same file to the same place was broken off.</param>
/// <param name="Patience">How long the store may go on failing.</param>
public sealed record ImportOrder(string Path, string Target, bool IsContinued, TimeSpan Patience);

/// <param name="Buckets">What became of each bucket.</param>
/// <param name="Refusals">The first measurements that were refused in this run, in words.</param>
/// <param name="Notes">What a person should know beside.</param>
public sealed record ImportSummary(IReadOnlyList<ImportedBucket> Buckets, IReadOnlyList<string> Refusals, IReadOnlyList<string> Notes)
{
    public long Rejected => Buckets.Sum(bucket => bucket.Rejected);
}

/// <summary>
/// Writes the measurements of a file into a store, as any writer would, and counts at the end what has become of them. Measurements that were
/// there already are written over with the same, so that what is repeated after an interruption is no harm.
/// </summary>
public sealed class MeasurementImport(IMeasurementStore store, IBucketStore buckets, IExportFiles files, TimeProvider time)
{
    /// <summary>
    /// Fails with what the store fails with when that does not pass, and with <c>conflict</c> when it counts others than were stored. What was
    /// done until then is kept beside the file, to go on there.
    /// </summary>
    /// <exception cref="ExportFileException">The file can not be read.</exception>
    public async Task<Result<ImportSummary>> RunAsync(ImportOrder order, TransferProgress progress, CancellationToken cancellationToken)
    {
        var persistence = new Persistence(time, order.Patience, progress);

        // Also brings up to date what is known of the buckets.
        var known = await persistence.TryAsync(() => buckets.ListAsync(cancellationToken), cancellationToken);
        if (known.Error is { } error)
            return error;
        await using var reader = await files.OpenAsync(order.Path, cancellationToken);
        var run = new ImportRun(store, buckets, files, reader, order, persistence, progress, time);
        if (order.IsContinued)
            await run.ContinueAsync(cancellationToken);
        if (await run.StoreAsync(cancellationToken) is { } failure)
            return failure;
        foreach (var bucket in run.Buckets.Where(bucket => bucket.WasEmpty))
        {
            progress.Step = $"counting the bucket '{bucket.Name}'";
            var counted = await persistence.TryAsync(() => CountAsync(bucket, cancellationToken), cancellationToken);
            if (counted.Error is { } uncounted)
                return uncounted;

            // A server that runs meanwhile may have added some.
            if (counted.Value < bucket.Countable)
                return new Error(ErrorKind.Conflict, ErrorCodes.Conflict, $"The bucket '{bucket.Name}' counts {counted.Value:N0} measurements; {bucket.Countable:N0} were stored.");
        }

        await files.KeepStateAsync(order.Path, state: null, cancellationToken);
        return new ImportSummary(run.Buckets, run.Refusals, run.Notes);
    }

    /// <summary>All of a bucket from a time on.</summary>
    internal static MeasurementSelection From(BucketName bucket, long nanoseconds) =>
        new(new MeasurementFilter(bucket, [], [], [], [], DeviceSet.All), ExportHeader.AllTimes with { From = new Timestamp(nanoseconds) });

    private ValueTask<Result<long>> CountAsync(ImportedBucket bucket, CancellationToken cancellationToken) =>
        store.DeleteAsync(From(BucketName.TryParse(bucket.Name, out _)!, bucket.CountedFrom), dryRun: true, cancellationToken);
}
