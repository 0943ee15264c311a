using IotBackend.Domain.Buckets;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>Buckets in one version of InfluxDB. All of it throws <see cref="InfluxDbException"/>.</summary>
internal interface IBucketAdministration
{
    /// <summary>All buckets whose names this server can use, in any order.</summary>
    Task<IReadOnlyList<Bucket>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Makes a bucket that was not there a moment ago.</summary>
    Task CreateAsync(Bucket bucket, CancellationToken cancellationToken);

    /// <summary>Gives a bucket a new description and retention.</summary>
    Task ChangeAsync(Bucket bucket, CancellationToken cancellationToken);

    /// <summary>Deletes a bucket with all that it holds.</summary>
    Task DeleteAsync(BucketName name, CancellationToken cancellationToken);

    /// <summary>Whether a deletion by time takes nothing but this bucket's own measurements.</summary>
    Task<bool> OwnsAllAsync(BucketName name, CancellationToken cancellationToken);

    /// <summary>Bytes on InfluxDB's disk; null when the version does not tell.</summary>
    Task<long?> BytesAsync(BucketName name, CancellationToken cancellationToken);
}
