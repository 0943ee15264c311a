using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Infrastructure.Measurements;

/// <summary>How stores refuse a series that is new and one too many.</summary>
internal static class NewSeries
{
    public static void Reject(MeasurementBatch batch, int row, bool isNewDevice) => batch.Reject(
        row,
        isNewDevice ? "device" : "tags",
        ErrorCodes.SeriesLimitExceeded,
        isNewDevice
            ? "The device is new, and the key has brought as many new devices or series within an hour as its tier allows."
            : "The device has not sent this name with these tags before, and the key has brought as many new series within an hour as its tier allows.");
}
