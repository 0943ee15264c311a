using System.Text;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using Microsoft.Extensions.Logging;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>Reads whole devices in streamed answers, so that InfluxDB is asked once a device, however much it has.</summary>
internal sealed class DeviceReader(DeviceNames names, MeasurementReader reader, ILogger<DeviceReader> logger) : IMeasurementSource
{
    public ValueTask<Result<IReadOnlyList<string>>> ListDevicesAsync(BucketName bucket, CancellationToken cancellationToken) =>
        Failures.CatchAsync<IReadOnlyList<string>>(
            logger,
            bucket,
            async () => (await names.ListAsync(bucket, cancellationToken)).Distinct(StringComparer.Ordinal).OrderBy(Encoding.UTF8.GetBytes, Utf8Order.Instance).ToArray(),
            Failures.QueryTimedOut);

    public ValueTask<Result<long>> ReadAsync(
        BucketName bucket, string device, TimeRange range, Func<IReadOnlyList<Measurement>, ValueTask> take, CancellationToken cancellationToken) =>
        Failures.CatchAsync<long>(
            logger,
            bucket,
            async () => await reader.StreamAsync(
                new MeasurementSelection(new MeasurementFilter(bucket, [device], [], [], [], DeviceSet.All), range), take, cancellationToken),
            Failures.QueryTimedOut);
}
