using IotBackend.Domain.Measurements;
using Xunit;

namespace IotBackend.IntegrationTests.Stores;

public abstract class NameTests(StoreFixture fixture) : StoreTests(fixture)
{
    /// <summary>Identifiers that a database may take for something else; all of them are valid.</summary>
    public static TheoryData<string> Names => [
        "measurements", "measurement", "select", "SELECT", "from", "time", "TIME", "device", "host", "name", "tag", "field", "value", "key", "group",
        "order", "by", "limit", "fill", "all", "true", "false", "t", "null", "nil", "nan", "inf", "1", "-1", "1.5", "1e5", "0x1", "1i",
        "a b", "a  b", "a.b", "a/b", "a:b", "a%b", "%", "100%", "%41", "%2F", "%00", "/", "//", ".", "..", "...", "-", "--", ":", "::field", "a::tag",
        "ü", "é", "e\u0301", "日本語", "имя", "\uFB00", "\U00010400", "٣", "a_1", "value_1", "a__b", "-_-",
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Name_is_a_name_wherever_it_stands(string name)
    {
        var written = new[]
        {
            Some.Key(name, name, (name, name)).At(1, (name, 1)),
            Some.Key(name, "plain").At(2, ("plain", "x")),
            Some.Key("plain", name).At(3, (name, 2), ("plain", true)),
            Some.Key("plain", "plain", (name, "x")).At(4, (name + "2", 1), ("plain", "y")),
            Some.Key("plain", "plain", ("plain", name)).At(5, ("plain", "z")),
            Some.Key("plain", name + "2").At(6, (name, "text")),
        };
        await Bucket.WriteAsync(written);

        await Bucket.AssertHoldsAsync(written);
        Show.Equal([written[0], written[1]], await Bucket.ReadAsync(Bucket.Of(name)));
        Show.Equal([written[0], written[2]], await Bucket.ReadAsync(Bucket.All with { Names = [name] }));
        Show.Equal([written[0], written[2].Key.At(3, (name, 2)), written[5]], await Bucket.ReadAsync(Bucket.All with { Fields = [name] }));
        Show.Equal([written[0]], await Bucket.ReadAsync(Bucket.All with { Tags = [new(name, name)] }));
        Show.Equal([written[3]], await Bucket.ReadAsync(Bucket.All with { Tags = [new(name, "x")] }));
        Assert.Equal(written.Select(item => item.Key).Order(), (await Bucket.LatestAsync(limit: 2)).Select(item => item.Key));
        Assert.Equal(3, await Bucket.DeleteAsync(Bucket.All with { Fields = [name] }));
        Assert.Equal(1, await Bucket.DeleteAsync(Bucket.All with { Tags = [new(name, "x")] }));
        await Bucket.AssertHoldsAsync(written[1], written[2].Key.At(3, ("plain", true)), written[4]);
    }

    [Fact]
    public async Task Tag_and_field_of_one_name_are_two_things()
    {
        var written = new[]
        {
            Some.Key("d", "m", ("a", "tag")).At(1, ("a", "field"), ("a_1", 1)),
            Some.Key("d", "m", ("a_1", "tag")).At(2, ("a", "tag")),
            Some.Key("d", "m", ("a", "field"), ("a_1", "1")).At(3, ("a", "x"), ("a_1", 2)),
            Some.Key("d", "m").At(4, ("a", "y")),
        };
        await Bucket.WriteAsync(written);

        await Bucket.AssertHoldsAsync(written);
        Show.Equal([written[0]], await Bucket.ReadAsync(Bucket.All with { Tags = [new("a", "tag")] }));
        Show.Equal([written[0].Key.At(1, ("a_1", 1)), written[2].Key.At(3, ("a_1", 2))], await Bucket.ReadAsync(Bucket.All with { Fields = ["a_1"] }));
        Assert.Equal(2, await Bucket.DeleteAsync(Bucket.All with { Tags = [new("a_1", "tag")] }) + await Bucket.DeleteAsync(Bucket.All with { Fields = ["a"] }, to: 2));
        await Bucket.AssertHoldsAsync(written[0].Key.At(1, ("a_1", 1)), written[2], written[3]);
    }

    [Fact]
    public async Task Tags_and_fields_may_be_called_what_a_database_calls_its_own()
    {
        string[] own = ["device", "time", "host", "name", "bucket", "measurement", "field", "value"];
        var written = new[]
        {
            Some.Key("d", "m", own.Select(name => (name, $"tag {name}"))).At(Some.Noon, own.Select(name => (name, (object)$"field {name}"))),
            Some.Key("e", "m", ("device", "d")).At(Some.Noon, ("device", "x")),
            Some.Key("e", "m", ("time", "1")).At(Some.Noon, ("time", "y")),
        };
        await Bucket.WriteAsync(written);

        await Bucket.AssertHoldsAsync(written);
        Show.Equal(written[..1], await Bucket.ReadAsync(Bucket.Of("d")));
        Show.Equal([written[1]], await Bucket.ReadAsync(Bucket.All with { Tags = [new("device", "d")] }));
        Show.Equal([written[2]], await Bucket.ReadAsync(Bucket.All with { Fields = ["time"], Devices = ["e"] }));
        Assert.Equal(1, await Bucket.DeleteAsync(Bucket.All with { Tags = [new("time", "tag time")] }));
        await Bucket.AssertHoldsAsync(written[1..]);
    }

    [Fact]
    public async Task Names_of_the_greatest_length_are_kept()
    {
        foreach (var letter in new[] { "a", "ü", "\U00010400" })
        {
            var name = string.Concat(Enumerable.Repeat(letter, Identifier.MaxLength));
            var value = string.Concat(Enumerable.Repeat(letter, Identifier.MaxTagValueLength));
            var written = Some.Key(name, name, (name, value)).At(Some.Noon, (name, 1));
            await Bucket.WriteAsync(written);
            Show.Equal([written], await Bucket.ReadAsync(Bucket.Of(name) with { Names = [name], Fields = [name], Tags = [new(name, value)] }));
        }
    }

    [Fact]
    public async Task Names_that_differ_in_little_are_different()
    {
        string[] names = ["a", "A", "a b", "a  b", "a-b", "a_b", "ab", "é", "e\u0301", "a.b", "a/b", "a:b", "a%b", "a%20b", "a__b"];
        var written = names.Select((name, i) => Some.Key(name, name, [(name, name)]).At(Some.Noon, (name, i))).ToList();
        await Bucket.WriteAsync(written);

        await Bucket.AssertHoldsAsync(written);
        foreach (var item in written)
            Show.Equal([item], await Bucket.ReadAsync(Bucket.All with { Tags = [new(item.Key.Name, item.Key.Name)] }));
    }
}
