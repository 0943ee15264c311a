namespace IotBackend.Application.Measurements.Transfer;

/// <summary>How far an import has come: what is told here is in the store.</summary>
/// <param name="ExportId">The file that it is of, by <see cref="ExportHeader.Id"/>.</param>
/// <param name="Target">Where it goes.</param>
/// <param name="Offset">Bytes of the file that are done.</param>
/// <param name="Buckets">The buckets of the file so far; the last may not have ended.</param>
public sealed record ImportState(string ExportId, string Target, long Offset, IReadOnlyList<ImportedBucket> Buckets);

/// <summary>What became of a bucket.</summary>
/// <param name="Name">Its name.</param>
/// <param name="WasEmpty">Whether the target held nothing of it before, in the times that are counted.</param>
/// <param name="CountedFrom">The time, in nanoseconds, from which on measurements are counted at the end: older ones may expire meanwhile.</param>
public sealed record ImportedBucket(string Name, bool WasEmpty, long CountedFrom)
{
    /// <summary>What the file holds of it so far.</summary>
    public BucketTally Read { get; init; }

    /// <summary>Measurements that were refused.</summary>
    public long Rejected { get; init; }

    /// <summary>Measurements that the bucket no longer keeps.</summary>
    public long Expired { get; init; }

    /// <summary>Measurements that were stored and must be found when the store is asked for those from <see cref="CountedFrom"/> on.</summary>
    public long Countable { get; init; }

    public bool IsEnded { get; init; }

    public long Stored => Read.Measurements - Rejected - Expired;
}
