using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;

namespace IotBackend.Application.Devices;

/// <summary>Finds out from the measurements themselves what devices there are, for what was written before anybody counted, or past this program.</summary>
public interface IDeviceScan
{
    /// <summary>The names of the devices that a bucket holds, in no order. Fails with <c>bucket_not_found</c> or <c>storage_unavailable</c>.</summary>
    ValueTask<Result<IReadOnlyList<string>>> NamesAsync(BucketName bucket, CancellationToken cancellationToken);

    /// <summary>What the bucket holds of each device; reads about all of it. Times of measurements stand for those of their receipt.</summary>
    ValueTask<Result<IReadOnlyList<DeviceSummary>>> SummarizeAsync(BucketName bucket, CancellationToken cancellationToken);
}
