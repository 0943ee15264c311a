using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>Lets something be read of a bucket, and turns what may go wrong with that into errors.</summary>
internal sealed partial class BucketReads(Catalog catalog, ILogger logger)
{
    /// <summary>What was read; fails with <c>bucket_not_found</c> or <c>storage_unavailable</c>.</summary>
    public Result<T> Read<T>(BucketName name, Func<BucketCatalog, T> read)
    {
        if (catalog.FindBucket(name.Value) is not { } bucket)
            return StoreErrors.NotFound(name);
        try
        {
            var found = read(bucket);

            // Of a bucket that was deleted meanwhile only a part may have been left.
            return bucket.IsDeleted ? StoreErrors.NotFound(name) : found;
        }
        catch (Exception exception) when (exception is SqliteException or InvalidDataException)
        {
            Log.ReadFailed(logger, exception);
            return StoreErrors.Unreadable;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4, LogLevel.Error, "Measurements can not be read")]
        public static partial void ReadFailed(ILogger logger, Exception exception);
    }
}
