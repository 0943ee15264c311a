using CsCheck;
using IotBackend.Application.Measurements.Transfer;
using IotBackend.Domain.Measurements;
using Xunit;

namespace IotBackend.UnitTests.Measurements.Transfer;

public sealed class DeviceRemainderTests
{
    [Fact]
    public void Each_measurement_is_taken_once_however_often_reading_is_broken_off() =>
        Gen.Select(Gen.Int[0, 12], Gen.Int[1, 5], Gen.Int[0, 20].Array[0, 4]).Sample((count, size, breaks) =>
        {
            var device = Device(count);
            var taken = new List<Measurement>();
            var remainder = new DeviceRemainder(null);
            foreach (var parts in breaks.Append(int.MaxValue))
            {
                remainder.Begin();
                foreach (var part in device.Chunk(size).Take(parts))
                    taken.AddRange(remainder.Take(part));
            }

            Assert.False(remainder.IsLost);
            Assert.Equal(device, taken);
        });

    [Fact]
    public void Known_position_is_where_it_goes_on_and_what_came_before_since_is_left_out()
    {
        var device = Device(6);
        var remainder = new DeviceRemainder(new MeasurementPosition(device[3].Timestamp, device[3].Key));
        remainder.Begin();

        var taken = remainder.Take([device[0] with { Timestamp = new Timestamp(-5) }, .. device]);

        Assert.Equal(device[4..], taken);
    }

    [Fact]
    public void Measurement_that_is_gone_is_no_loss_as_long_as_its_key_is_there()
    {
        var device = Device(6);
        var remainder = new DeviceRemainder(new MeasurementPosition(device[3].Timestamp, device[3].Key));
        remainder.Begin();

        Assert.Equal(device[4..], remainder.Take([.. device.Where(one => one != device[3])]));
        Assert.False(remainder.IsLost);
    }

    [Fact]
    public void Key_that_is_gone_is_told()
    {
        var remainder = new DeviceRemainder(new MeasurementPosition(new Timestamp(1), MeasurementKey.Create("d", "other")));
        remainder.Begin();

        Assert.Empty(remainder.Take(Device(6)));
        Assert.True(remainder.IsLost);
    }

    // Two keys, the same times in both.
    private static Measurement[] Device(int count) =>
    [
        .. Enumerable.Range(0, count).Select(i => new Measurement(
            MeasurementKey.Create("d", i < count / 2 ? "first" : "second"), new Timestamp(i < count / 2 ? i : i - (count / 2)), [new Field("v", FieldValue.Of(i))])),
    ];
}
