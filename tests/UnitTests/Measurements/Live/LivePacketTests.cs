using CsCheck;
using IotBackend.Application.Measurements.Live;
using IotBackend.Domain.Measurements;
using IotBackend.UnitTests.Buckets;
using IotBackend.UnitTests.Domain.Measurements;
using Xunit;

namespace IotBackend.UnitTests.Measurements.Live;

/// <summary>The packed form that goes between nodes, perhaps of different versions.</summary>
public sealed class LivePacketTests
{
    private static readonly Gen<string> Name = Gen.Char["abcÄ温.-"].Array[1, 10].Select(characters => new string(characters));

    private static readonly Gen<FieldValue> Value = Gen.OneOf(
        Gen.Double.Where(double.IsFinite).Select(FieldValue.Of), Gen.Bool.Select(FieldValue.Of), Gen.Char["xü€ "].Array[0, 300].Select(text => FieldValue.Of(new string(text))));

    private static readonly Gen<(string Device, string Name, long Time, Dictionary<string, FieldValue> Fields, Dictionary<string, string> Tags)> Row =
        Gen.Select(Name, Name, Gen.Long, Gen.Dictionary(Name, Value)[1, 12], Gen.Dictionary(Name, Name)[0, 4]);

    [Fact]
    public void What_is_packed_is_read_back_as_it_was() => Row.Array[1, 30].Sample(rows =>
    {
        using var batch = new MeasurementBatch(new Timestamp(0));
        var writer = new MeasurementBatchWriter(batch);
        foreach (var row in rows)
            Write(writer, row);

        var read = Pack(batch).SelectMany(packet => new LiveFilter(LiveFeedTests.All()).Select(packet, packet.Number)).ToList();

        Assert.Equal(Enumerable.Range(0, rows.Length).Select(i => (long)i), read.Select(one => one.Number));
        Assert.Equal(rows.Select(row => MeasurementKey.Create(row.Device, row.Name, row.Tags)), read.Select(one => one.Measurement.Key));
        Assert.Equal(rows.Select(row => row.Time), read.Select(one => one.Measurement.Timestamp.Nanoseconds));
        Assert.Equal(rows.Select(row => row.Fields.OrderBy(field => BatchText.Utf8(field.Key).ToArray(), Bytes)), read.Select(one =>
            one.Measurement.Fields.Select(field => KeyValuePair.Create(field.Name, field.Value))));
    });

    [Fact]
    public void Damaged_packet_is_refused_or_read_and_never_throws() => Gen.Select(Row.Array[1, 3], Gen.Int[0, 1000], Gen.Byte, Gen.Int[0, 1000]).Sample((rows, at, value, length) =>
    {
        using var batch = new MeasurementBatch(new Timestamp(0));
        var writer = new MeasurementBatchWriter(batch);
        foreach (var row in rows)
            Write(writer, row);
        var bytes = Pack(batch)[0].Packet.ToArray();
        bytes[at % bytes.Length] = value;
        bytes = bytes[..(length % (bytes.Length + 1))];

        if (LivePacket.Count(bytes) is > 0 and var count)
            new LiveFilter(LiveFeedTests.All()).Select(new LiveEntry(0, count, 0, bytes), 0);
    });

    [Fact]
    public void Packet_that_breaks_off_is_refused()
    {
        using var batch = new MeasurementBatch(new Timestamp(0));
        var writer = new MeasurementBatchWriter(batch);
        writer.Begin();
        writer.Device("device").Tag("key", "value").Number("number", 1).Text("text", "text").Boolean("boolean", true).At(5);
        writer.End();
        var whole = Pack(batch)[0].Packet.ToArray();
        Assert.Equal(1, LivePacket.Count(whole));
        Assert.All(Enumerable.Range(0, whole.Length), length => Assert.Equal(0, LivePacket.Count(whole.AsSpan(0, length))));
    }

    private static Comparer<byte[]> Bytes { get; } = Comparer<byte[]>.Create((one, other) => one.AsSpan().SequenceCompareTo(other));

    private static List<LiveEntry> Pack(MeasurementBatch batch)
    {
        var packets = new List<LiveEntry>();
        LivePacket.Pack(TestBuckets.Name("b"), batch, (packet, count) =>
        {
            Assert.Equal(count, LivePacket.Count(packet));
            packets.Add(new LiveEntry(packets.Sum(before => before.Count), count, 0, packet));
        });
        return packets;
    }

    private static void Write(
        MeasurementBatchWriter writer, (string Device, string Name, long Time, Dictionary<string, FieldValue> Fields, Dictionary<string, string> Tags) row)
    {
        writer.Begin();
        writer.Device(row.Device).Name(row.Name).At(row.Time);
        foreach (var (name, value) in row.Fields)
        {
            if (value.Type == FieldType.Number)
                writer.Number(name, value.Number);
            else if (value.Type == FieldType.Boolean)
                writer.Boolean(name, value.Boolean);
            else
                writer.Text(name, value.Text);
        }

        foreach (var (key, value) in row.Tags)
            writer.Tag(key, value);
        Assert.True(writer.End());
    }
}
