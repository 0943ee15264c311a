using System.Text;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Infrastructure.Measurements.Embedded;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Embedded;

public sealed class CatalogTests
{
    private readonly Catalog _catalog = new();
    private readonly BucketCatalog _bucket;

    public CatalogTests()
    {
        _bucket = _catalog.LoadBucket(1, Bucket.Default, null);
    }

    [Fact]
    public void A_field_has_one_type_under_a_name_whatever_the_device()
    {
        var first = _catalog.AddSeries(Add("a"), "x"u8, FieldType.Number);
        var second = _catalog.AddSeries(Add("b"), "x"u8, FieldType.Number);

        Assert.Same(first.Field, second.Field);
        Assert.Single(_catalog.NewFields);
        Assert.Equal([1, 2], _catalog.NewSeries.Select(series => series.Id));
    }

    [Fact]
    public void What_is_taken_back_leaves_no_trace()
    {
        var kept = Add("kept");
        _catalog.AddSeries(kept, "x"u8, FieldType.Number);
        _catalog.Accept();

        _catalog.AddSeries(kept, "y"u8, FieldType.Text);
        _catalog.AddSeries(Add("gone"), "z"u8, FieldType.Boolean);
        Add("gone too");
        _catalog.TakeBack();

        Assert.Equal(1, _catalog.SeriesCount);
        Assert.Null(_catalog.FindSeries(2));
        Assert.Equal("x", Assert.Single(kept.Fields).Field.Name);
        Assert.Null(_bucket.Find(Key("gone")));
        Assert.Null(_bucket.FindField("n"u8, "y"u8));
        Assert.Null(_bucket.FindField("n"u8, "z"u8));
        Assert.Empty(_bucket.OriginsOf("gone"));
        Assert.Same(kept, Assert.Single(_bucket.Origins.ToArray()));
        Assert.Empty(_catalog.NewSeries);
        Assert.Equal(2, _catalog.AddSeries(Add("gone"), "y"u8, FieldType.Number).Id);
    }

    [Fact]
    public void A_list_that_a_reader_holds_stays_as_it_was()
    {
        Add("a");
        var held = _bucket.Origins;
        for (var i = 0; i < 100; i++)
            Add($"device-{i}");
        _catalog.TakeBack();
        Add("other");

        Assert.Equal("a", Encoding.UTF8.GetString(Assert.Single(held.ToArray()).Device));
    }

    [Fact]
    public void Origins_are_found_by_device_and_by_key()
    {
        var one = _catalog.AddOrigin(_bucket, "d\0n"u8);
        var other = _catalog.AddOrigin(_bucket, "d\0n\0tag\0value"u8);

        Assert.Equal([one, other], _bucket.OriginsOf("d"));
        Assert.Same(other, _bucket.Find("d\0n\0tag\0value"u8));
        Assert.Null(_bucket.Find("d\0n\0tag"u8));
        Assert.Equal("n", Encoding.UTF8.GetString(other.Name));
    }

    private Origin Add(string device) => _catalog.AddOrigin(_bucket, Key(device));

    private static byte[] Key(string device) => Encoding.UTF8.GetBytes(device + "\0n");
}
