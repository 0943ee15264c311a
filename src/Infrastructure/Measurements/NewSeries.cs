using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Infrastructure.Measurements;

/// <summary>How stores refuse a series that is new and one too many.</summary>
internal static class NewSeries
{
    public static void RejectDevice(MeasurementBatch batch, int row) =>
        Reject(batch, row, "device", "The device is new, and the key has brought as many new devices or series within an hour as its tier allows.");

    public static void RejectTags(MeasurementBatch batch, int row) =>
        Reject(batch, row, "tags", "The device has not sent this name with these tags before, and with its fields it is more new series than the key may bring within the hour.");

    public static void RejectFields(MeasurementBatch batch, int row, int fields) =>
        Reject(batch, row, "fields", $"Fields that have not been sent before: {fields}. They are more new series than the key may bring within the hour.");

    private static void Reject(MeasurementBatch batch, int row, string field, string message) =>
        batch.Reject(row, field, ErrorCodes.SeriesLimitExceeded, message);
}
