using System.Text;
using CsCheck;
using IotBackend.Domain.Measurements;
using IotBackend.Infrastructure.Measurements.InfluxDb;
using IotBackend.Infrastructure.Measurements.Lines;
using IotBackend.UnitTests.Domain.Measurements;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Lines;

public sealed class LineReaderTests
{
    [Fact]
    public void Whatever_is_written_reads_back_to_the_bit() => AnyMeasurement.One.Array[1, 20].Sample(measurements =>
    {
        using var lines = Write(measurements);

        var (read, values) = Read(lines.Written.Span);

        Assert.Equal(measurements.Select(one => one.Show()), read.Select(one => one.Show()));
        Assert.Equal(measurements.Sum(one => one.Fields.Count), values);
    });

    [Fact]
    public void Lines_of_measurements_are_those_that_InfluxDB_gets() => AnyMeasurement.One.Array[1, 20].Sample(measurements =>
    {
        using var lines = Write(measurements);
        using var batch = new MeasurementBatch(new Timestamp(0));
        new LineReader(new MeasurementBatchWriter(batch)).ReadAll(lines.Written.Span);
        using var write = new PendingWrite(batch, []);

        Assert.Equal(Encoding.UTF8.GetString(write.Lines.Span), Encoding.UTF8.GetString(lines.Written.Span));
    });

    [Theory]
    [InlineData("m,device=d v=1 5")]
    [InlineData("m,device=d v=1\n")]
    [InlineData("m,device=d v=\"a 5\n")]
    [InlineData("m,device=d v=\"a\\")]
    [InlineData("m")]
    [InlineData("m,device=d v=1 x\n")]
    [InlineData("m,device=d v=1i 5\n")]
    [InlineData("m,device=d v=tru 5\n")]
    [InlineData("m,device=d v=1 99999999999999999999\n")]
    [InlineData("m,device=d v=1 5 \n")]
    [InlineData("m,device=d v 5\n")]
    [InlineData("\n")]
    public void What_was_not_written_like_this_is_refused(string line)
    {
        var exception = Assert.Throws<InvalidDataException>(() => Read(Encoding.UTF8.GetBytes("m,device=d v=1 5\n" + line)));

        Assert.StartsWith("Line 2", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_no_measurement_may_be_is_a_fault_of_its_own()
    {
        using var batch = new MeasurementBatch(new Timestamp(0));

        new LineReader(new MeasurementBatchWriter(batch)).ReadAll("m v=1 5\nm,device=d v=1 6\nm,device=d v=1E999 7\n"u8);

        Assert.Equal((3, 1), (batch.ItemCount, batch.AcceptedCount));
        Assert.Equal([(0, "required"), (2, "number_out_of_range")], batch.Faults.Select(fault => (fault.Index!.Value, fault.Code)));
    }

    private static LineBuffer Write(Measurement[] measurements)
    {
        var lines = new LineBuffer();
        foreach (var measurement in measurements)
        {
            LineProtocol.WriteKey(measurement.Key, lines);
            LineProtocol.WriteFields(measurement, lines);
        }

        return lines;
    }

    private static (IReadOnlyList<Measurement> Read, long Values) Read(ReadOnlySpan<byte> lines)
    {
        using var batch = new MeasurementBatch(new Timestamp(0));
        var values = new LineReader(new MeasurementBatchWriter(batch)).ReadAll(lines);
        Assert.Empty(batch.Faults);
        return (batch.Read(), values);
    }
}
