using System.Buffers;
using System.Text;
using CsCheck;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Infrastructure.Measurements.Embedded;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Embedded;

public sealed class InboxRecordTests
{
    private static readonly Catalog Catalog = MakeCatalog();

    private static readonly Gen<GroupPoint> Point = Gen.Select(Gen.Int[1, 3], Gen.Long, Gen.Long, Gen.String[Gen.Char.AlphaNumeric, 0, 50])
        .Select((id, time, bits, text) => new GroupPoint(
            Catalog.FindSeries(id)!, time, id switch { 1 => bits, 2 => bits & 1, _ => 0 }, id == 3 ? text + "ü😀" : null));

    [Fact]
    public void Points_come_back_bit_for_bit_and_in_order() => Point.Array[0, 200].Sample(points =>
    {
        var output = new ArrayBufferWriter<byte>();
        InboxRecord.WritePoints(points, 1_000, output);

        Assert.Equal(points, Read(output.WrittenSpan).Points);
    });

    [Fact]
    public void A_deletion_comes_back()
    {
        var range = new TimeRange(Timestamp.MinValue, new Timestamp(-1));
        var output = new ArrayBufferWriter<byte>();
        InboxRecord.WriteDeletion([Catalog.FindSeries(3)!, Catalog.FindSeries(1)!], range, output);

        var (series, found) = Assert.Single(Read(output.WrittenSpan).Deletions);

        Assert.Equal([3, 1], series.Select(one => one.Id));
        Assert.Equal(range, found);
    }

    [Fact]
    public void A_writer_can_be_used_again_and_again()
    {
        var output = new ArrayBufferWriter<byte>();
        InboxRecord.WritePoints([new GroupPoint(Catalog.FindSeries(1)!, 1, 1, null), new GroupPoint(Catalog.FindSeries(1)!, 2, 2, null)], 1_000, output);
        InboxRecord.WritePoints([new GroupPoint(Catalog.FindSeries(2)!, 3, 1, null)], 1_000, output);

        Assert.Equal(3, Assert.Single(Read(output.WrittenSpan).Points).Time);
    }

    [Fact]
    public void Every_flipped_bit_and_every_cut_is_noticed() => Gen.Select(Point.Array[1, 20], Gen.Int[0, 1_000_000], Gen.Int[0, 7]).Sample((points, at, bit) =>
    {
        var output = new ArrayBufferWriter<byte>();
        InboxRecord.WritePoints(points, 1_000, output);
        var record = output.WrittenSpan.ToArray();
        var cut = record[..(at % record.Length)];
        record[at % record.Length] ^= (byte)(1 << bit);

        Assert.Throws<InvalidDataException>(() => Read(record));
        Assert.Throws<InvalidDataException>(() => Read(cut));
    });

    private static (List<GroupPoint> Points, List<(IReadOnlyList<Series> Series, TimeRange Range)> Deletions) Read(ReadOnlySpan<byte> record)
    {
        var points = new List<GroupPoint>();
        var deletions = new List<(IReadOnlyList<Series>, TimeRange)>();
        InboxRecord.Read(record, Catalog, points.Add, (series, range) => deletions.Add((series, range)));
        return (points, deletions);
    }

    private static Catalog MakeCatalog()
    {
        var catalog = new Catalog();
        var bucket = catalog.LoadBucket(1, Bucket.Default, null);
        var origin = catalog.AddOrigin(bucket, Encoding.UTF8.GetBytes("d\0n"));
        catalog.AddSeries(origin, "number"u8, FieldType.Number);
        catalog.AddSeries(origin, "boolean"u8, FieldType.Boolean);
        catalog.AddSeries(origin, "text"u8, FieldType.Text);
        catalog.Accept();
        return catalog;
    }
}
