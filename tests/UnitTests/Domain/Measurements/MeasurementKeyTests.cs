using System.Text;
using CsCheck;
using IotBackend.Domain.Measurements;
using Xunit;

namespace IotBackend.UnitTests.Domain.Measurements;

public sealed class MeasurementKeyTests
{
    private static readonly Gen<string> Text = Gen.Char["abAB19äß温 -./"].Array[1, 4].Select(characters => new string(characters));

    private static readonly Gen<MeasurementKey> Keys = Gen.Select(
        Text, Text, Gen.Dictionary(Text, Text)[0, 3], (device, name, tags) => MeasurementKey.Create(device, name, tags));

    [Fact]
    public void A_key_reads_back_from_its_canonical_form() => Keys.Sample(key =>
    {
        var read = MeasurementKey.FromUtf8(key.Utf8.Span);
        Assert.Equal(key, read);
        Assert.Equal(key.GetHashCode(), read.GetHashCode());
        Assert.Equal((key.Device, key.Name), (read.Device, read.Name));
        Assert.Equal(key.Tags, read.Tags);
    });

    [Fact]
    public void The_order_of_tags_does_not_matter()
    {
        var one = MeasurementKey.Create("d", "n", new("b", "2"), new("a", "1"), new("ä", "3"));
        var other = MeasurementKey.Create("d", "n", new("ä", "3"), new("a", "1"), new("b", "2"));

        Assert.Equal(one, other);
        Assert.Equal(["a", "b", "ä"], one.Tags.Select(tag => tag.Key));
    }

    [Fact]
    public void Order_is_that_of_the_canonical_bytes() => Gen.Select(Keys, Keys).Sample((a, b) =>
    {
        var expected = Math.Sign(a.Utf8.Span.SequenceCompareTo(b.Utf8.Span));
        Assert.Equal(expected, Math.Sign(a.CompareTo(b)));
        Assert.Equal(-expected, Math.Sign(b.CompareTo(a)));
        Assert.Equal(expected < 0, a < b);
        Assert.Equal(expected > 0, a > b);
        Assert.Equal(expected <= 0, a <= b);
        Assert.Equal(expected >= 0, a >= b);
        Assert.Equal(expected == 0, a == b);
        Assert.Equal(expected != 0, a != b);
    });

    [Fact]
    public void A_device_sorts_before_every_longer_one_that_starts_with_it()
    {
        var ordered = new[]
        {
            MeasurementKey.Create("a", "z", new KeyValuePair<string, string>("t", "v")),
            MeasurementKey.Create("a b", "a"),
            MeasurementKey.Create("a-", "a"),
            MeasurementKey.Create("aa", "a"),
            MeasurementKey.Create("b", "a"),
            MeasurementKey.Create("ä", "a"),
        };

        Assert.Equal(ordered, ordered.Reverse().Order());
    }

    [Fact]
    public void Parts_that_join_to_the_same_text_make_different_keys()
    {
        Assert.NotEqual(MeasurementKey.Create("ab", "c"), MeasurementKey.Create("a", "bc"));
        Assert.NotEqual(
            MeasurementKey.Create("d", "n", new KeyValuePair<string, string>("ab", "c")),
            MeasurementKey.Create("d", "n", new KeyValuePair<string, string>("a", "bc")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("device")]
    [InlineData("device\0name\0tag")]
    public void Bytes_that_are_no_pairs_are_not_a_key(string text) =>
        Assert.Throws<FormatException>(() => MeasurementKey.FromUtf8(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Nothing_is_less_than_a_key_and_equals_none()
    {
        var key = MeasurementKey.Create("d", "n");

        Assert.True(key.CompareTo(null) > 0);
        Assert.False(key == null);
        Assert.False(key.Equals("d,n"));
    }

    [Fact]
    public void A_key_shows_its_parts() =>
        Assert.Equal("d,n,a=1,b=2", MeasurementKey.Create("d", "n", new("b", "2"), new("a", "1")).ToString());

    [Fact]
    public void Positions_are_ordered_by_time_then_by_key() =>
        Gen.Select(Gen.Long[-2, 2], Keys, Gen.Long[-2, 2], Keys).Sample((t1, k1, t2, k2) =>
        {
            var (a, b) = (new MeasurementPosition(new(t1), k1), new MeasurementPosition(new(t2), k2));
            var expected = t1 != t2 ? t1.CompareTo(t2) : Math.Sign(k1.CompareTo(k2));
            Assert.Equal(expected, Math.Sign(a.CompareTo(b)));
            Assert.Equal(expected < 0, a < b);
            Assert.Equal(expected > 0, a > b);
            Assert.Equal(expected <= 0, a <= b);
            Assert.Equal(expected >= 0, a >= b);
        });
}
