using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using Xunit;

namespace IotBackend.UnitTests.Domain.Measurements;

public sealed class MeasurementBatchTests
{
    [Fact]
    public void A_rejected_row_stays_in_place_and_counts_as_rejected_once()
    {
        using var batch = BatchOf("a", "b", "c");

        batch.Reject(1, "fields.x", ErrorCodes.FieldTypeConflict, "The field is a boolean.");
        batch.Reject(1, "device", ErrorCodes.DeviceNotAllowed, "Not yours.");

        Assert.Equal([false, true, false], batch.Rows.ToArray().Select(row => row.IsRejected));
        Assert.Equal((3, 2, 1), (batch.ItemCount, batch.AcceptedCount, batch.RejectedCount));
        Assert.Equal([(1, ErrorCodes.FieldTypeConflict), (1, ErrorCodes.DeviceNotAllowed)], batch.Faults.Select(fault => (fault.Index!.Value, fault.Code)));
    }

    [Fact]
    public void A_rejected_row_is_told_by_its_place_in_the_request()
    {
        using var batch = new MeasurementBatch(default);
        var writer = new MeasurementBatchWriter(batch);
        writer.Begin();
        writer.End();
        writer.Begin();
        writer.Device("d").Number("x", 1);
        writer.End();

        batch.Reject(0, "device", ErrorCodes.DeviceNotAllowed, "Not yours.");

        Assert.Equal(1, batch.Faults[^1].Index);
    }

    [Fact]
    public void A_batch_grows_to_any_number_of_measurements()
    {
        var devices = Enumerable.Range(0, 10_000).Select(i => $"device-{i}").ToArray();
        using var batch = BatchOf(devices);

        Assert.Equal(devices, batch.Read().Select(measurement => measurement.Key.Device));
    }

    [Fact]
    public void A_disposed_batch_holds_nothing_and_can_be_disposed_again()
    {
        var batch = BatchOf("a", "b");
        batch.Reject(0, "device", ErrorCodes.DeviceNotAllowed, "Not yours.");

        batch.Dispose();
        batch.Dispose();

        Assert.Empty(batch.Rows.ToArray());
        Assert.Equal(0, batch.AcceptedCount);
    }

    private static MeasurementBatch BatchOf(params IEnumerable<string> devices)
    {
        var batch = new MeasurementBatch(default);
        var writer = new MeasurementBatchWriter(batch);
        foreach (var device in devices)
        {
            writer.Begin();
            writer.Device(device).Number("x", 1);
            Assert.True(writer.End());
        }

        return batch;
    }
}
