using System.Text;
using CsCheck;
using IotBackend.Domain.Measurements;
using IotBackend.Infrastructure.Measurements.InfluxDb;
using IotBackend.Infrastructure.Measurements.Lines;
using IotBackend.UnitTests.Domain.Measurements;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Measurements.InfluxDb;

public sealed class LineProtocolTests
{
    [Theory]
    [InlineData("climate", "climate")]
    [InlineData("room climate", "room\\ climate")]
    [InlineData("Ä/b:c.d%e-f_1", "Ä/b:c.d%e-f_1")]
    public void Names_are_escaped(string name, string written) =>
        Assert.Equal($"{written},device=d v=1 5\n", Write(writer => writer.Device("d").Name(name).At(5).Number("v", 1)));

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData(" a ", "\\ a\\ ")]
    [InlineData("a,b=c d", "a\\,b\\=c\\ d")]
    [InlineData("say \"hi\"", "say\\ \"hi\"")]
    [InlineData("C:\\data", "C:\\data")]
    [InlineData("end\\", "end\u001A")]
    [InlineData("a\\,b", "a\u001A\\,b")]
    [InlineData("a\\ b", "a\u001A\\ b")]
    [InlineData("a\\\\b", "a\u001A\\b")]
    [InlineData("C:\\new", "C:\u001Anew")]
    [InlineData("😀", "😀")]
    public void Tag_values_are_escaped_and_a_backslash_that_would_escape_is_replaced(string value, string written) =>
        Assert.Equal($"m,device=d,tag={written} v=1 5\n", Write(writer => writer.Device("d").Name("m").Tag("tag", value).At(5).Number("v", 1)));

    [Theory]
    [InlineData(0.1, "0.1")]
    [InlineData(-0.0, "-0")]
    [InlineData(56, "56")]
    [InlineData(1.7976931348623157E+308, "1.7976931348623157E+308")]
    [InlineData(5E-324, "5E-324")]
    [InlineData(9007199254740993d, "9007199254740992")]
    public void Numbers_are_the_shortest_text_of_the_same_bits(double value, string written)
    {
        Assert.Equal($"m,device=d v={written} 5\n", Write(writer => writer.Device("d").Name("m").At(5).Number("v", value)));
        Assert.Equal(BitConverter.DoubleToInt64Bits(value), BitConverter.DoubleToInt64Bits(double.Parse(written, System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Theory]
    [InlineData("", "\"\"")]
    [InlineData("ok", "\"ok\"")]
    [InlineData("a\"b\\c", "\"a\\\"b\\\\c\"")]
    [InlineData("two\nlines, x=1", "\"two\nlines, x=1\"")]
    public void Texts_are_quoted(string value, string written) =>
        Assert.Equal($"m,device=d v={written} 5\n", Write(writer => writer.Device("d").Name("m").At(5).Text("v", value)));

    [Fact]
    public void Booleans_and_several_fields_are_written() =>
        Assert.Equal("m,device=d a=true,b=false,c=1 -7\n", Write(writer => writer.Device("d").Name("m").At(-7).Boolean("a", true).Boolean("b", false).Number("c", 1)));

    [Fact]
    public void Tags_stand_in_order_with_the_device_among_them() =>
        Assert.Equal(
            "m,a=1,device=d,z=2 v=1 5\n",
            Write(writer => writer.Device("d").Name("m").Tag("z", "2").Tag("a", "1").At(5).Number("v", 1)));

    [Fact]
    public void Keys_that_InfluxDB_takes_for_itself_get_a_prefix() =>
        Assert.Equal(
            "m,device=d,__device=other,__time=noon __time=1,__device=2,host=3 5\n",
            Write(writer => writer.Device("d").Name("m").Tag("device", "other").Tag("time", "noon").At(5).Number("time", 1).Number("device", 2).Number("host", 3)));

    [Fact]
    public void Rejected_rows_are_no_lines()
    {
        using var batch = Batch(writer => writer.Device("d").At(1).Number("v", 1), writer => writer.Device("e").At(2).Number("v", 2));
        batch.Reject(0, "device", "device_not_allowed", "No.");
        using var write = new PendingWrite(batch, []);

        Assert.Equal("telemetry,device=e v=2 2\n", Encoding.UTF8.GetString(write.Lines.Span));
        Assert.Equal(1, write.LineCount);
    }

    [Fact]
    public void Whatever_is_written_is_taken_apart_into_the_same_lines() => AnyRow.Array[1, 20].Sample(rows =>
    {
        using var batch = Batch([.. rows.Select<Row, Action<MeasurementBatchWriter>>(row => row.Write)]);
        using var write = new PendingWrite(batch, []);
        var expected = batch.Read();
        var lines = Line.Split(write.Lines);

        Assert.Equal(expected.Count, lines.Count);
        for (var i = 0; i < lines.Count; i++)
        {
            Assert.Equal(expected[i].Key.Name, lines[i].Measurement);
            Assert.Equal(expected[i].Timestamp, lines[i].Timestamp);
            Assert.Equal(expected[i].Fields.Select(field => (Keys.Encode(field.Name), field.Value.Type)), lines[i].Fields);
        }

        Assert.Equal(write.Lines.ToArray(), lines.SelectMany(line => line.Bytes.ToArray()));
    });

    [Theory]
    [InlineData("m,device=d v=1 5")]
    [InlineData("m,device=d v=1\n")]
    [InlineData("m,device=d v=\"a 5\n")]
    [InlineData("m")]
    [InlineData("m,device=d v=1 x\n")]
    [InlineData("m,device=d v=1 99999999999999999999\n")]
    public void What_is_not_whole_is_not_taken_apart(string text) =>
        Assert.Throws<InvalidDataException>(() => Line.Split(Encoding.UTF8.GetBytes("m,device=d v=1 5\n" + text)));

    [Fact]
    public void Tag_values_come_back_as_they_were() => Of(1, "a", "b", "\\", ",", "=", " ", "\"", "n", "r", "t", "'", "😀").Sample(value =>
    {
        var encoded = TagValue.Encode(value);
        Assert.Equal(value, TagValue.Decode(encoded));
        Assert.Equal(Unescape(Write(writer => writer.Device("d").Name("m").Tag("tag", value).At(5).Number("v", 1))), encoded);
        Assert.DoesNotMatch(@"\\($|[,= \\""nrt])", encoded);
    });

    // As InfluxDB does: a backslash before a comma, an equals sign or a space goes, all others stay.
    private static string Unescape(string line)
    {
        var text = line["m,device=d,tag=".Length..^" v=1 5\n".Length];
        return text.Replace("\\,", ",", StringComparison.Ordinal).Replace("\\=", "=", StringComparison.Ordinal).Replace("\\ ", " ", StringComparison.Ordinal);
    }

    private static string Write(Action<MeasurementBatchWriter> write)
    {
        using var batch = Batch(write);
        Assert.Empty(batch.Faults);
        using var pending = new PendingWrite(batch, []);
        return Encoding.UTF8.GetString(pending.Lines.Span);
    }

    private static MeasurementBatch Batch(params Action<MeasurementBatchWriter>[] writes)
    {
        var batch = new MeasurementBatch(new Timestamp(0));
        var writer = new MeasurementBatchWriter(batch);
        foreach (var write in writes)
        {
            writer.Begin();
            write(writer);
            writer.End();
        }

        return batch;
    }

    private static readonly Gen<string> Name = Gen.OneOf("a", "b c", "Ä", "time", "device", "x.y/z:%-_");
    private static readonly Gen<string> Text = Of(0, "a", "b", "\\", "\"", "\n", " ", ",", "=", "\0", "😀");
    private static readonly Gen<string> Value = Of(1, "a", "\\", "\"", " ", ",", "=", "n");

    private static readonly Gen<Row> AnyRow = Gen.Select(Name, Value, Gen.Long, Gen.Double.Where(double.IsFinite), Text, Gen.Bool).Select(
        (name, tag, time, number, text, boolean) => new Row(name, tag, Math.Clamp(time, long.MinValue + 2, long.MaxValue - 1), number, text, boolean));

    private static Gen<string> Of(int least, params string[] parts) => Gen.OneOf(parts).Array[least, 12].Select(string.Concat);

    private sealed record Row(string Name, string Tag, long Time, double Number, string Text, bool Boolean)
    {
        public void Write(MeasurementBatchWriter writer) =>
            writer.Device("d 1").Name(Name).Tag("tag key", Tag).At(Time).Number("n", Number).Text("a text", Text).Boolean("time", Boolean);
    }
}
