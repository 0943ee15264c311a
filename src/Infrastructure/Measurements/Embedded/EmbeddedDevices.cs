using System.Text;
using IotBackend.Application.Devices;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>The devices of the embedded store; what the committer counts is told at once.</summary>
internal sealed class EmbeddedDevices(BucketReads reads) : IDeviceDirectory
{
    public ValueTask<Result<DevicePage>> ListAsync(DeviceQuery query, CancellationToken cancellationToken) =>
        ValueTask.FromResult(reads.Read(query.Bucket, bucket => bucket.Index.List(query)));

    public ValueTask<Result<DeviceSummary?>> FindAsync(BucketName bucket, string device, CancellationToken cancellationToken) =>
        ValueTask.FromResult(reads.Read(bucket, found =>
            found.FindDevice(Encoding.UTF8.GetBytes(device))?.Record is { Measurements: > 0 } record ? record.ToSummary() : null));
}
