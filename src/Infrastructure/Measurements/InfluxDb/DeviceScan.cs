using IotBackend.Application.Devices;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using Microsoft.Extensions.Logging;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>Finds out what devices a bucket holds, by series: the field with the most values counts.</summary>
internal sealed class DeviceScan(DeviceNames names, MeasurementReader reader, ILogger<DeviceScan> logger) : IDeviceScan
{
    public ValueTask<Result<IReadOnlyList<string>>> NamesAsync(BucketName bucket, CancellationToken cancellationToken) =>
        Failures.CatchAsync<IReadOnlyList<string>>(
            logger, bucket, async () => (await names.ListAsync(bucket, cancellationToken)).Distinct(StringComparer.Ordinal).ToArray(), Failures.QueryTimedOut);

    public ValueTask<Result<IReadOnlyList<DeviceSummary>>> SummarizeAsync(BucketName bucket, CancellationToken cancellationToken) =>
        Failures.CatchAsync<IReadOnlyList<DeviceSummary>>(
            logger, bucket, async () => (await ScanAsync(bucket, cancellationToken)).Where(device => device.Measurements > 0).ToArray(), Failures.QueryTimedOut);

    private async Task<IReadOnlyCollection<DeviceSummary>> ScanAsync(BucketName bucket, CancellationToken cancellationToken)
    {
        var all = new MeasurementSelection(new MeasurementFilter(bucket, [], [], [], [], DeviceSet.All), Deletion.AllTime);
        var found = new Dictionary<string, DeviceSummary>(StringComparer.Ordinal);
        await reader.AskAsync(
            all,
            static (text, what, measurement) =>
            {
                what.AppendSelect(text, measurement, "count");
                text.Append(" GROUP BY *");
            },
            (series, _) => Change(found, series, device => device with { Measurements = device.Measurements + series.Rows.Sum(MeasurementReader.MostValues) }),
            cancellationToken);
        foreach (var order in new[] { SortOrder.Ascending, SortOrder.Descending })
        {
            await reader.AskAsync(
                all,
                (text, what, measurement) =>
                {
                    what.AppendSelect(text, measurement);
                    text.Append(" GROUP BY *").Append(MeasurementReader.TextOf(order)).Append(" LIMIT 1");
                },
                (series, _) => Change(found, series, device => series.Rows.Select(AnswerSeries.TimeOf).Aggregate(device, Widen)),
                cancellationToken);
        }

        return found.Values;
    }

    private static void Change(Dictionary<string, DeviceSummary> found, AnswerSeries series, Func<DeviceSummary, DeviceSummary> change)
    {
        if (series.ToKey()?.Device is { } device)
            found[device] = change(found.GetValueOrDefault(device) ?? new DeviceSummary(device, Timestamp.MaxValue, Timestamp.MinValue, 0));
    }

    private static DeviceSummary Widen(DeviceSummary device, Timestamp time) => device with
    {
        FirstSeen = time < device.FirstSeen ? time : device.FirstSeen,
        LastSeen = time > device.LastSeen ? time : device.LastSeen,
    };
}
