using System.Globalization;
using CsCheck;
using IotBackend.Domain.Measurements;
using Xunit;

namespace IotBackend.UnitTests.Domain.Measurements;

public sealed class MeasurementBatchWriterTests : IDisposable
{
    private readonly MeasurementBatch _batch = new(new Timestamp(1_000));
    private readonly MeasurementBatchWriter _writer;

    public MeasurementBatchWriterTests() => _writer = new MeasurementBatchWriter(_batch);

    public void Dispose() => _batch.Dispose();

    [Fact]
    public void A_measurement_reads_back_as_it_was_written()
    {
        _writer.Begin();
        _writer.Device("greenhouse-12").Name("climate").At(42).Tag("location", "berlin").Tag("floor", "2")
            .Number("temperature", 21.4).Boolean("door", true).Text("state", "ok 🌡").Text("note", "");
        Assert.True(_writer.End());

        var measurement = Assert.Single(_batch.Read());
        Assert.Equal(MeasurementKey.Create("greenhouse-12", "climate", new("floor", "2"), new("location", "berlin")), measurement.Key);
        Assert.Equal(42, measurement.Timestamp.Nanoseconds);
        Assert.Equal(
            [new("temperature", FieldValue.Of(21.4)), new("door", FieldValue.Of(true)), new("state", FieldValue.Of("ok 🌡")), new("note", FieldValue.Of(""))],
            measurement.Fields);
        Assert.Empty(_batch.Faults);
        Assert.Equal((1, 1, 0), (_batch.ItemCount, _batch.AcceptedCount, _batch.RejectedCount));
    }

    [Fact]
    public void Parts_of_a_row_can_be_read_without_the_key()
    {
        Good("d1");

        ref readonly var row = ref _batch.Rows[0];
        Assert.Equal("d1"u8, _batch.Device(row));
        Assert.Equal("telemetry"u8, _batch.Name(row));
        Assert.Equal("d1\0telemetry"u8, _batch.Key(row));
    }

    [Fact]
    public void The_order_of_members_does_not_matter() => Gen.Shuffle(Enumerable.Range(0, 7).ToArray()).Sample(order =>
    {
        using var batch = new MeasurementBatch(default);
        var writer = new MeasurementBatchWriter(batch);
        writer.Begin();
        foreach (var part in order)
        {
            _ = part switch
            {
                0 => writer.Device("d"),
                1 => writer.Name("n"),
                2 => writer.At(7),
                3 => writer.Tag("b", "2"),
                4 => writer.Tag("a", "1"),
                5 => writer.Tag("c", "3"),
                _ => writer.Number("x", 1.5),
            };
        }

        Assert.True(writer.End());
        var measurement = Assert.Single(batch.Read());
        Assert.Equal(MeasurementKey.Create("d", "n", new("a", "1"), new("b", "2"), new("c", "3")), measurement.Key);
        Assert.Equal((new Timestamp(7), new Field("x", FieldValue.Of(1.5))), (measurement.Timestamp, Assert.Single(measurement.Fields)));
    });

    [Fact]
    public void Name_and_time_default_to_telemetry_and_the_time_of_receipt()
    {
        Good("d");

        var measurement = Assert.Single(_batch.Read());
        Assert.Equal("telemetry", measurement.Key.Name);
        Assert.Equal(_batch.ReceivedAt, measurement.Timestamp);
    }

    [Fact]
    public void A_part_of_one_measurement_does_not_reach_the_next()
    {
        _writer.Begin();
        _writer.Device("d").Name("climate").At(5).Tag("a", "1").Number("x", 1);
        _writer.End();
        _writer.Begin();
        _writer.Number("y", 2);

        Assert.False(_writer.End());
        Good("e");
        Assert.Equal(["d,climate,a=1", "e,telemetry"], _batch.Read().Select(m => m.Key.ToString()));
    }

    [Fact]
    public void Measurements_timed_by_the_server_do_not_collide()
    {
        for (var i = 0; i < 100; i++)
            Good("d");

        Assert.Equal(Enumerable.Range(0, 100).Select(i => 1_000L + i), _batch.Read().Select(m => m.Timestamp.Nanoseconds));
    }

    [Fact]
    public void A_time_given_by_the_device_is_kept_among_those_of_the_server()
    {
        Good("d");
        _writer.Begin();
        _writer.Device("d").At(5).Number("x", 1);
        _writer.End();
        Good("d");

        Assert.Equal([1_000, 5, 1_001], _batch.Read().Select(m => m.Timestamp.Nanoseconds));
    }

    [Fact]
    public void A_faulty_item_leaves_no_trace_in_the_batch()
    {
        using var expected = new MeasurementBatch(new Timestamp(1_000));
        var other = new MeasurementBatchWriter(expected);
        foreach (var device in (string[])["a", "b"])
        {
            other.Begin();
            other.Device(device).Number("x", 1);
            other.End();
        }

        Good("a");
        _writer.Begin();
        _writer.Device("bad").Name("climate").Tag("k", "v").Number("x", 1).Text("t", new string('t', 1_000)).Number("y", double.NaN);
        Assert.False(_writer.End());
        Good("b");

        Assert.Equal(expected.Read().Select(Describe), _batch.Read().Select(Describe));
        Assert.Equal((expected.TextLength, expected.CellCount), (_batch.TextLength, _batch.CellCount));
        Assert.Equal((3, 2, 1), (_batch.ItemCount, _batch.AcceptedCount, _batch.RejectedCount));
        Assert.Equal([0, 2], _batch.Rows.ToArray().Select(row => row.Index));
        Assert.Equal(1, Assert.Single(_batch.Faults).Index);

        static string Describe(Measurement m) => $"{m.Key} {m.Timestamp} {string.Join(' ', m.Fields)}";
    }

    [Fact]
    public void Random_batches_keep_exactly_their_good_measurements() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 40], Gen.Int[0, 600], Gen.Bool).List[0, 40].Sample(items =>
        {
            using var batch = new MeasurementBatch(default);
            var writer = new MeasurementBatchWriter(batch);
            foreach (var (device, tags, text, isGood) in items)
            {
                writer.Begin();
                for (var tag = 0; tag < Math.Min(tags, MeasurementBatchWriter.MaxTags); tag++)
                    writer.Tag(Key(tag), "v");
                writer.Text("text", new string('x', text)).Device("d" + device.ToString(CultureInfo.InvariantCulture));
                if (!isGood)
                    writer.Number("bad", double.PositiveInfinity);
                Assert.Equal(isGood, writer.End());
            }

            var good = items.Where(item => item.Item4).ToArray();
            var read = batch.Read();
            Assert.Equal(good.Select(item => $"d{item.Item1}"), read.Select(m => m.Key.Device));
            Assert.Equal(good.Select(item => Math.Min(item.Item2, MeasurementBatchWriter.MaxTags)), read.Select(m => m.Key.Tags.Count));
            Assert.Equal(good.Select(item => item.Item3), read.Select(m => m.Fields[0].Value.Text.Length));
            Assert.Equal(items.Count - good.Length, batch.Faults.Count);
        });

    [Fact]
    public void A_line_stands_in_the_faults_of_its_measurement_whoever_finds_them()
    {
        _writer.Begin(3);
        _writer.Device("d").Number("x", 1);
        Assert.True(_writer.End());
        _writer.Begin(7);
        Assert.False(_writer.End());
        _batch.Reject(0, "timestamp", "late", "Too late.");

        Assert.Equal([7, 7, 3], _batch.Faults.Select(fault => fault.Line ?? 0));
        Assert.Equal([1, 1, 0], _batch.Faults.Select(fault => fault.Index ?? -1));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("given", null)]
    [InlineData("other", "device_mismatch")]
    [InlineData("", "invalid_identifier")]
    public void A_given_device_is_that_of_all_and_the_only_one_that_may_be_named(string? named, string? code)
    {
        var writer = new MeasurementBatchWriter(_batch, "given");
        writer.Begin();
        writer.Number("x", 1);
        if (named is not null)
            writer.Device(named);
        writer.End();

        Assert.Equal(code, _batch.Faults.SingleOrDefault()?.Code);
        Assert.Equal(code is null ? ["given"] : [], _batch.Read().Select(measurement => measurement.Key.Device));
    }

    [Fact]
    public void A_measurement_that_is_abandoned_is_told_of_no_more_than_its_fault()
    {
        _writer.Begin();
        _writer.AddFault("n", "wrong", "Wrong.");
        _writer.Abandon();

        Assert.Equal("wrong", Assert.Single(_batch.Faults).Code);
        Assert.Equal((1, 0), (_batch.ItemCount, _batch.AcceptedCount));
    }

    private void Good(string device)
    {
        _writer.Begin();
        _writer.Device(device).Number("x", 1);
        Assert.True(_writer.End());
    }

    private static string Key(int index) => "k" + index.ToString(CultureInfo.InvariantCulture);
}
