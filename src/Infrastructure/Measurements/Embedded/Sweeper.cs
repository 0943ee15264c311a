using IotBackend.Domain.Measurements;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>
/// Deletes chunks that nobody may read any more, those older than their bucket's retention and all of deleted buckets, and gives their room
/// back to the disk. In short transactions: what is left undone, the next pass finds again.
/// </summary>
internal sealed class Sweeper(ChunkFile chunks, Catalog catalog, Memtable memtable, BucketEraser eraser, TimeProvider time, Func<bool> flush)
{
    private const int ChunksPerTransaction = 1000;
    private const int LookUpsPerTransaction = 1000;

    /// <summary>Called after each transaction; tests look at the files there as a crash would leave them.</summary>
    internal Action? TransactionWritten { get; set; }

    /// <summary>One pass over all buckets; each step is a transaction, and gives the number of chunks that it has deleted.</summary>
    /// <exception cref="Microsoft.Data.Sqlite.SqliteException">A step failed; nothing is lost.</exception>
    public IEnumerable<int> Pass()
    {
        // Taken first: whatever is deleted later keeps its names until the next pass has looked at what it set aside.
        var deleted = catalog.DeletedBuckets.ToArray();
        SweepSetAside();
        var hasSwept = false;
        foreach (var count in catalog.Buckets.Concat(deleted).SelectMany(Sweep))
        {
            hasSwept |= count > 0;
            TransactionWritten?.Invoke();
            yield return count;
        }

        for (; chunks.ShrinkSome(); hasSwept = true)
        {
            TransactionWritten?.Invoke();
            yield return 0;
        }

        if (hasSwept)
            chunks.CutLog();

        // The flush is for the inbox: it lets those rows go that name series of the deleted.
        if (deleted.Length > 0 && flush())
            Array.ForEach(deleted, eraser.Begin);
    }

    private IEnumerable<int> Sweep(BucketCatalog bucket)
    {
        var oldest = OldestOf(bucket);
        if (oldest == long.MinValue)
            yield break;
        var series = bucket.Origins.SelectMany(origin => origin.Fields).ToArray();
        for (var next = 0; next < series.Length;)
        {
            (next, var count) = SweepSome(series, next, oldest);
            yield return count;
        }
    }

    private (int Next, int Count) SweepSome(Series[] series, int start, long oldest)
    {
        var (next, count) = (start, 0);
        var swept = new List<Series>();
        try
        {
            chunks.Write(() =>
            {
                for (; next < series.Length && count < ChunksPerTransaction && swept.Count < LookUpsPerTransaction; next++)
                {
                    if (series[next].OldestChunkEnd >= oldest)
                        continue;
                    swept.Add(series[next]);
                    count += chunks.DeleteBefore(series[next], oldest, ChunksPerTransaction - count);
                    if (series[next].OldestChunkEnd < oldest)
                        return;
                }
            });
        }
        catch
        {
            // The chunks are there again.
            swept.ForEach(one => one.OldestChunkEnd = long.MinValue);
            throw;
        }

        memtable.ForgetLatestBefore(oldest, swept);
        return (next, count);
    }

    private void SweepSetAside()
    {
        foreach (var id in chunks.SetAsideSeries())
        {
            if (catalog.FindSeries(id) is { } series)
                chunks.Write(() => chunks.DeleteSetAsideBefore(series, OldestOf(series.Origin.Bucket)));
        }
    }

    private long OldestOf(BucketCatalog bucket) =>
        bucket.IsDeleted ? long.MaxValue : bucket.Settings.Retention.OldestAt(Timestamp.From(time.GetUtcNow())).Nanoseconds;
}
