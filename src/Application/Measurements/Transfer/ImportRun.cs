using IotBackend.Application.Buckets;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Application.Measurements.Transfer;

/// <summary>One run of an import: takes the file's parts in their order, has a few of them written at once, and notes how far all is stored.</summary>
internal sealed class ImportRun(
    IMeasurementStore store, IBucketStore buckets, IExportFiles files, IExportReader reader, ImportOrder order, Persistence persistence, TransferProgress progress, TimeProvider time)
{
    private const int WritesAtOnce = 4;
    private const int RefusalsTold = 20;

    private static readonly TimeSpan KeepEvery = TimeSpan.FromSeconds(1);

    // So long may an import take before what was counted as stored can have expired when it is counted again.
    private static readonly Retention LongestImport = Retention.OfHours(72);

    private readonly Queue<PendingPart> _pending = new();
    private readonly List<ImportedBucket> _buckets = [];
    private readonly List<string> _refusals = [];
    private readonly List<string> _notes = [];
    private long _offset;
    private long _keptAt;

    public IReadOnlyList<ImportedBucket> Buckets => _buckets;

    public IReadOnlyList<string> Refusals => _refusals;

    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Goes to where the run before ended; to the beginning when that is not known.</summary>
    /// <exception cref="ExportFileException">What is known is of another file or another store.</exception>
    public async ValueTask ContinueAsync(CancellationToken cancellationToken)
    {
        if (await files.FindStateAsync(order.Path, cancellationToken) is not { } state)
            return;
        if (state.ExportId != reader.Header.Id)
            throw new ExportFileException($"What was imported before belongs to another export than {order.Path}. Without --resume the import begins anew.");
        if (state.Target != order.Target)
            throw new ExportFileException($"The import that was broken off went to {state.Target}, not to {order.Target}. Without --resume it begins anew.");
        _buckets.AddRange(state.Buckets);
        _offset = state.Offset;
        var current = _buckets.LastOrDefault(bucket => !bucket.IsEnded);
        await reader.SeekAsync(state.Offset, current is null ? null : NameOf(current), current?.Read ?? default, cancellationToken);
    }

    /// <summary>Stores all that is left of the file; null when it is whole. However it ends, what is stored is noted.</summary>
    public async ValueTask<Error?> StoreAsync(CancellationToken cancellationToken)
    {
        try
        {
            var error = await StorePartsAsync(cancellationToken);
            return error ?? await SettleAsync(leave: 0, cancellationToken);
        }
        finally
        {
            await SettleQuietlyAsync();
            await KeepAsync(CancellationToken.None);
        }
    }

    private async ValueTask<Error?> StorePartsAsync(CancellationToken cancellationToken)
    {
        while (await reader.ReadAsync(cancellationToken) is { } part)
        {
            var error = part switch
            {
                SomeMeasurements some => await StoreAsync(some, cancellationToken),
                BucketBegins begins => await SettleAsync(leave: 0, cancellationToken) ?? await BeginAsync(begins.Bucket, cancellationToken),
                _ => await SettleAsync(leave: 0, cancellationToken) ?? End(),
            };
            if (error is not null)
                return error;
        }

        return null;
    }

    // An untouched default bucket takes on the rules of the file's; any other that is there keeps its own.
    private async ValueTask<Error?> BeginAsync(Bucket bucket, CancellationToken cancellationToken)
    {
        progress.Step = $"bucket '{bucket.Name}'";
        var found = await persistence.TryAsync(() => FindAsync(bucket.Name, cancellationToken), cancellationToken);
        if (found.Error is { } error)
            return error;
        var there = found.Value.Bucket;
        if (there is null || there == Bucket.Default)
        {
            // The default bucket is always found, also where nothing of it has been made yet.
            var condition = there is null ? BucketCondition.IsNew : BucketCondition.None;
            var saved = await persistence.TryAsync(() => buckets.SaveAsync(bucket, condition, cancellationToken), cancellationToken);
            return saved.Error ?? await BeginAsync(bucket.Name, bucket.Retention, saved.Value.IsNew, cancellationToken);
        }

        if (there != bucket)
            _notes.Add($"The bucket '{bucket.Name}' is there already and keeps its own description and retention ({there.Retention}; in the file {bucket.Retention}).");
        return await BeginAsync(bucket.Name, there.Retention, isNew: false, cancellationToken);
    }

    private async ValueTask<Error?> BeginAsync(BucketName name, Retention retention, bool isNew, CancellationToken cancellationToken)
    {
        var now = Timestamp.From(time.GetUtcNow());
        var from = retention.IsForever ? Timestamp.MinValue : new Timestamp(now.Nanoseconds - SurelyKept(retention));
        var isEmpty = isNew;
        if (!isNew)
        {
            var query = new MeasurementQuery(MeasurementImport.From(name, from.Nanoseconds), SortOrder.Descending, 1, null);
            var page = await persistence.TryAsync(() => store.ReadAsync(query, cancellationToken), cancellationToken);
            if (page.Error is { } error)
                return error;
            isEmpty = page.Value.Items.Count == 0;
        }

        _buckets.Add(new ImportedBucket(name.Value, isEmpty, from.Nanoseconds));
        _offset = reader.Offset;

        // Before anything is stored: whoever goes on after a kill would find the bucket not empty any more, and count nothing.
        await KeepAsync(cancellationToken);
        return null;
    }

    // Nanoseconds for which something is kept however long the import takes, up to the longest.
    private static long SurelyKept(Retention retention) =>
        (long)TimeSpan.FromHours(Math.Max(0, retention.Hours!.Value - LongestImport.Hours!.Value)).TotalSeconds * Timestamp.NanosecondsPerSecond;

    private async ValueTask<Result<FoundBucket>> FindAsync(BucketName name, CancellationToken cancellationToken)
    {
        var found = await buckets.FindAsync(name, cancellationToken);
        if (found.IsSuccess)
            return new FoundBucket(found.Value);
        return found.Error.Code == ErrorCodes.BucketNotFound ? new FoundBucket(null) : found.Error;
    }

    private Error? End()
    {
        _buckets[^1] = _buckets[^1] with { IsEnded = true };
        _offset = reader.Offset;
        return null;
    }

    private async ValueTask<Error?> StoreAsync(SomeMeasurements some, CancellationToken cancellationToken)
    {
        var bucket = _buckets[^1];
        var part = new PendingPart(NameOf(bucket), some, reader.Offset);
        var found = await buckets.FindAsync(part.Bucket, cancellationToken);
        if (found.IsSuccess)
            part.RejectExpired(found.Value.Retention.OldestAt(Timestamp.From(time.GetUtcNow())));
        part.Writing = WriteAsync(part, cancellationToken).AsTask();
        _pending.Enqueue(part);
        return await SettleAsync(WritesAtOnce - 1, cancellationToken);
    }

    private ValueTask<Result<WriteOutcome>> WriteAsync(PendingPart part, CancellationToken cancellationToken) => persistence.TryAsync<WriteOutcome>(
        async () =>
        {
            if (part.Batch.AcceptedCount == 0)
                return WriteOutcome.Stored;
            var written = await store.WriteAsync(part.Bucket, part.Batch, cancellationToken);

            // What waits somewhere is not in the store, and would not be counted there.
            return written is { IsSuccess: true, Value: WriteOutcome.Queued } ? NotTaken : written;
        },
        cancellationToken);

    private static Error NotTaken { get; } = new(ErrorKind.Unavailable, ErrorCodes.StorageUnavailable, "The database does not take measurements now.");

    // Parts are done in the order of the file, so that all before an offset is stored.
    private async ValueTask<Error?> SettleAsync(int leave, CancellationToken cancellationToken)
    {
        while (_pending.Count > leave)
        {
            var written = await _pending.Peek().Writing!;
            if (written.Error is { } error)
                return error;
            using var part = _pending.Dequeue();
            Note(part);
            if (time.GetElapsedTime(_keptAt) > KeepEvery)
                await KeepAsync(cancellationToken);
        }

        return null;
    }

    // A write that was begun is not broken off, because nobody could tell what became of it. Whatever fails here, the failure that ended the run is told.
    private async ValueTask SettleQuietlyAsync()
    {
        var isInOrder = true;
        while (_pending.TryDequeue(out var part))
        {
            using (part)
            {
                try
                {
                    isInOrder = (await part.Writing!).IsSuccess && isInOrder;
                    if (isInOrder)
                        Note(part);
                }
#pragma warning disable CA1031 // See above.
                catch (Exception)
#pragma warning restore CA1031
                {
                    isInOrder = false;
                }
            }
        }
    }

    private void Note(PendingPart part)
    {
        var bucket = _buckets[^1];
        var (rejected, countable) = part.Count(new Timestamp(bucket.CountedFrom));
        _buckets[^1] = bucket with
        {
            Read = part.Through,
            Rejected = bucket.Rejected + rejected,
            Expired = bucket.Expired + part.Expired,
            Countable = bucket.Countable + countable,
        };
        progress.Add(part.Through.Measurements - bucket.Read.Measurements, part.Through.Values - bucket.Read.Values);
        if (reader.Length is > 0 and { } length)
            progress.Fraction = (double)part.End / length;
        _refusals.AddRange(part.Describe().Take(RefusalsTold - _refusals.Count));
        _offset = part.End;
    }

    private async ValueTask KeepAsync(CancellationToken cancellationToken)
    {
        var isKept = await files.KeepStateAsync(order.Path, new ImportState(reader.Header.Id, order.Target, _offset, [.. _buckets]), cancellationToken);
        _keptAt = time.GetTimestamp();
        const string notKept = "How far the import has come can not be kept beside the file: --resume would begin anew.";
        if (!isKept && !_notes.Contains(notKept))
            _notes.Add(notKept);
    }

    private static BucketName NameOf(ImportedBucket bucket) =>
        BucketName.TryParse(bucket.Name, out var wrong) ?? throw new ExportFileException($"The file names a bucket '{bucket.Name}', which {wrong}.");

    private sealed record FoundBucket(Bucket? Bucket);
}
