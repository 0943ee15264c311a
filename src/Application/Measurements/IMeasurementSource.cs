using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Application.Measurements;

/// <summary>
/// Reads all that a store holds, for whoever takes everything: device after device, in parts, since an order over all devices would cost
/// a look at each of them for every page.
/// </summary>
public interface IMeasurementSource
{
    /// <summary>The devices of a bucket in the order of their UTF-8 bytes. Fails with <c>bucket_not_found</c> or <c>storage_unavailable</c>.</summary>
    ValueTask<Result<IReadOnlyList<string>>> ListDevicesAsync(BucketName bucket, CancellationToken cancellationToken);

    /// <summary>
    /// Hands over the measurements of a device in parts of at most about 10,000: key after key in an order that is the same each time, those of
    /// a key ascending by time. What is written meanwhile may be among them. Fails as <see cref="ListDevicesAsync"/> does, also after some parts.
    /// </summary>
    /// <returns>How many measurements were handed over.</returns>
    ValueTask<Result<long>> ReadAsync(
        BucketName bucket, string device, TimeRange range, Func<IReadOnlyList<Measurement>, ValueTask> take, CancellationToken cancellationToken);
}
