using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>
/// Removes from the catalog what a deleted bucket has left there, some series a transaction, each in its turn between requests. First the
/// inbox rows go that may name its series: as long as there is one, a replay has to know them. Ended at any step, it begins anew with
/// what is left.
/// </summary>
internal sealed partial class BucketEraser(Catalog catalog, InboxFile inbox, Committer committer, ILogger logger)
{
    private const int SeriesPerTransaction = 1000;

    /// <summary>Called after each transaction; tests look at the files there as a crash would leave them.</summary>
    internal Action? TransactionWritten { get; set; }

    /// <summary>Begins with a bucket that has no chunks any more, and all of whose inbox rows are flushed.</summary>
    public void Begin(BucketCatalog bucket) => Continue(bucket, 0);

    // Nobody waits for the answer. When it is refused, because the server stops, the next start goes on.
    private void Continue(BucketCatalog bucket, int firstOrigin) => _ = committer.RunAsync<bool>(() =>
    {
        if (TryErase(bucket, firstOrigin) is { } next)
            Continue(bucket, next);
        return true;
    });

    private int? TryErase(BucketCatalog bucket, int firstOrigin)
    {
        try
        {
            var next = EraseSome(bucket, firstOrigin);
            TransactionWritten?.Invoke();
            return next;
        }
        catch (SqliteException exception)
        {
            Log.Failed(logger, exception, bucket.Settings.Name.Value);
            return null;
        }
    }

    // The origin to go on with; null at the end.
    private int? EraseSome(BucketCatalog bucket, int firstOrigin)
    {
        if (inbox.Trimmed < bucket.DeletedAfter)
        {
            inbox.TrimSome(bucket.DeletedAfter);
            return firstOrigin;
        }

        var origins = bucket.Origins;
        var end = firstOrigin;
        inbox.Change(tables =>
        {
            for (var series = 0; end < origins.Count && series < SeriesPerTransaction; end++)
            {
                tables.Erase(origins[end]);
                series += origins[end].Fields.Count;
            }

            if (end == origins.Count)
                tables.EraseBucket(bucket.Id);
        });
        foreach (var origin in origins.Items[firstOrigin..end])
            catalog.Forget(origin);
        if (end < origins.Count)
            return end;
        Finish(bucket);
        return null;
    }

    private void Finish(BucketCatalog bucket)
    {
        catalog.Forget(bucket);
        committer.LookForRoom();
        Log.Erased(logger, bucket.Settings.Name.Value);
    }

    private static partial class Log
    {
        [LoggerMessage(7, LogLevel.Information, "Nothing is left on disk of the deleted bucket {Bucket}")]
        public static partial void Erased(ILogger logger, string bucket);

        [LoggerMessage(8, LogLevel.Warning, "What the deleted bucket {Bucket} has left can not be removed now; it is tried again")]
        public static partial void Failed(ILogger logger, Exception exception, string bucket);
    }
}
