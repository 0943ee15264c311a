using IotBackend.Application.Measurements;
using IotBackend.Domain.Access;
using IotBackend.Domain.Measurements;
using Xunit;

namespace IotBackend.IntegrationTests.Stores;

public abstract class FilterTests(StoreFixture fixture) : StoreTests(fixture)
{
    private static readonly Measurement[] Written =
    [
        Some.Key("d-1", "climate", ("room", "1"), ("site", "a")).At(1, ("x", 1), ("y", 2)),
        Some.Key("d-1", "climate", ("room", "2")).At(2, ("x", 3)),
        Some.Key("d-1", "power").At(3, ("y", 4), ("z", 5)),
        Some.Key("d-2", "climate", ("room", "1")).At(4, ("x", 6)),
        Some.Key("D-1", "climate").At(5, ("x", 7)),
        Some.Key("e", "Climate", ("site", "1")).At(6, ("X", 8)),
    ];

    /// <summary>What a careless composer of queries would be led astray by.</summary>
    public static TheoryData<string> Hostile => [
        "' OR 1=1 --", "\" OR \"\"=\"", "'", "\"", "\\", "\\'", "/", ".*", "^", "$", "[", "(", "|", "d-1|d-2", "d-1' OR \"device\"='d-2",
        "x\" FROM \"climate\" WHERE \"room\"='1", "'; DROP MEASUREMENT \"climate\"; --", "$device", "$1", ":device", "%", "*", "_", "\n", "\t", "\0", "d-1\n",
        "/.*/", "=~ /.*/", "()", "\U0001F600", "", " ", "d-1 ", " d-1", "measurements", "time", "null", "now()",
    ];

    [Fact]
    public async Task Devices_are_chosen_by_their_exact_names()
    {
        Assert.Equal([1, 2, 3], await TimesAsync(All with { Devices = ["d-1"] }));
        Assert.Equal([1, 2, 3, 4], await TimesAsync(All with { Devices = ["d-2", "d-1"] }));
        Assert.Equal([5], await TimesAsync(All with { Devices = ["D-1"] }));
        Assert.Empty(await TimesAsync(All with { Devices = ["d-"] }));
        Assert.Empty(await TimesAsync(All with { Devices = ["d-11"] }));
        Assert.Equal([6], await TimesAsync(All with { Devices = ["unknown", "e"] }));
    }

    [Fact]
    public async Task Device_that_is_named_twice_comes_once() =>
        Assert.Equal([4], await TimesAsync(All with { Devices = ["d-2", "d-2"] }));

    [Fact]
    public async Task Names_are_chosen_exactly()
    {
        Assert.Equal([1, 2, 4, 5], await TimesAsync(All with { Names = ["climate"] }));
        Assert.Equal([3, 6], await TimesAsync(All with { Names = ["power", "Climate", "power"] }));
        Assert.Empty(await TimesAsync(All with { Names = ["clim"] }));
    }

    [Fact]
    public async Task Fields_are_chosen_and_measurements_without_any_of_them_left_out()
    {
        await Bucket.WriteAsync(Written);

        Show.Equal([Written[0] with { Fields = [new("y", FieldValue.Of(2.0))] }, Written[2] with { Fields = [new("y", FieldValue.Of(4.0))] }],
            await Bucket.ReadAsync(Bucket.All with { Fields = ["y"] }));
        Show.Equal([Written[2] with { Fields = [new("z", FieldValue.Of(5.0))] }, Written[5]],
            await Bucket.ReadAsync(Bucket.All with { Fields = ["X", "z", "unknown"] }));
        Assert.Empty(await Bucket.ReadAsync(Bucket.All with { Fields = ["unknown"] }));
    }

    [Fact]
    public async Task Page_of_chosen_fields_is_not_shortened_by_those_that_are_left_out()
    {
        var key = Some.Key("d");
        await Bucket.WriteAsync(Enumerable.Range(0, 30).Select(i => key.At(i, (i % 10 == 0 ? "rare" : "common", i))));

        var page = await Bucket.ReadPageAsync(Bucket.All with { Fields = ["rare"] }, limit: 2);

        Assert.Equal([0, 10], page.Items.Select(item => item.Timestamp.Nanoseconds));
        Assert.True(page.HasMore);
    }

    [Fact]
    public async Task Tags_must_all_be_there_with_their_values()
    {
        Assert.Equal([1, 4], await TimesAsync(All with { Tags = [new("room", "1")] }));
        Assert.Equal([1], await TimesAsync(All with { Tags = [new("site", "a"), new("room", "1")] }));
        Assert.Equal([6], await TimesAsync(All with { Tags = [new("site", "1")] }));
        Assert.Empty(await TimesAsync(All with { Tags = [new("room", "1"), new("room", "2")] }));
        Assert.Empty(await TimesAsync(All with { Tags = [new("Room", "1")] }));
        Assert.Empty(await TimesAsync(All with { Tags = [new("unknown", "1")] }));
    }

    [Fact]
    public async Task Empty_value_of_a_tag_is_not_the_absence_of_the_tag() =>
        Assert.Empty(await TimesAsync(All with { Tags = [new("site", string.Empty)] }));

    [Fact]
    public async Task Filters_narrow_each_other_and_the_range()
    {
        Assert.Equal([1], await TimesAsync(All with { Devices = ["d-1"], Names = ["climate"], Fields = ["y", "z"] }));
        Assert.Equal([2], await TimesAsync(All with { Devices = ["d-1", "d-2"], Names = ["climate"], Fields = ["x"] }, from: 2, to: 4));
        Assert.Empty(await TimesAsync(All with { Devices = ["d-2"], Names = ["power"] }));
    }

    [Theory]
    [InlineData("a.b", "a.b")]
    [InlineData("a.b*", "a.b|a.b.c|a.b c|a.b/c")]
    [InlineData("a*", "a.b|a.b.c|a.b c|a.b/c|aXb|a/b|a")]
    [InlineData("a/*", "a/b")]
    [InlineData("a.b.c*", "a.b.c")]
    [InlineData("A*", "AXb")]
    [InlineData("ä*", "ä-1")]
    [InlineData(".*", ".b")]
    [InlineData(".**", "")]
    [InlineData("*", "a.b|a.b.c|a.b c|a.b/c|aXb|a/b|a|AXb|ä-1|.b|%a|-a")]
    [InlineData("%*", "%a")]
    [InlineData("-*", "-a")]
    [InlineData("a.b.d", "")]
    [InlineData("a|b*", "")]
    [InlineData("(a*", "")]
    [InlineData("[a-z]*", "")]
    [InlineData("a\\*", "")]
    [InlineData("^a*", "")]
    [InlineData("a'*", "")]
    [InlineData("\"*", "")]
    public async Task Visible_devices_are_those_of_the_pattern_to_the_letter(string pattern, string devices)
    {
        string[] all = ["a.b", "a.b.c", "a.b c", "a.b/c", "aXb", "a/b", "a", "AXb", "ä-1", ".b", "%a", "-a"];
        await Bucket.WriteAsync(all.Select(device => Some.Number(device, Some.Noon)));
        var filter = Bucket.All with { Visible = new DeviceSet([DevicePattern.Parse(pattern)]) };

        var read = await Bucket.ReadAsync(filter);
        var latest = await Bucket.LatestAsync(filter);

        var expected = devices.Split('|', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal);
        Assert.Equal(expected, read.Select(item => item.Key.Device).Order(StringComparer.Ordinal));
        Assert.Equal(expected, latest.Select(item => item.Key.Device).Order(StringComparer.Ordinal));
        Assert.Equal(read.Count, await Bucket.CountAsync(filter));
    }

    [Fact]
    public async Task Visible_devices_narrow_those_that_are_asked_for()
    {
        var visible = new DeviceSet([DevicePattern.Parse("d-2"), DevicePattern.Parse("D*")]);

        Assert.Equal([4, 5], await TimesAsync(All with { Visible = visible }));
        Assert.Equal([4], await TimesAsync(All with { Visible = visible, Devices = ["d-1", "d-2"] }));
        Assert.Empty(await TimesAsync(All with { Visible = visible, Devices = ["d-1"] }));
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task Text_that_is_no_name_here_finds_nothing_and_harms_nothing(string text)
    {
        await Bucket.WriteAsync(Written);

        foreach (var filter in Each(text))
        {
            Assert.Empty(await Bucket.ReadAsync(filter));
            Assert.Empty(await Bucket.LatestAsync(filter));
            Assert.Equal(0, await Bucket.DeleteAsync(filter));
        }

        await Bucket.AssertHoldsAsync(Written);
    }

    [Fact]
    public async Task Fifty_devices_of_the_longest_names_with_as_many_fields_and_names_are_found()
    {
        var names = Enumerable.Range(0, 50).Select(i => $"{i:00}" + string.Concat(Enumerable.Repeat("\U00010400", Identifier.MaxLength - 2))).ToArray();
        var written = names.Select(name => Some.Key(name, name, [(name, name)]).At(Some.Noon, (name, 1))).ToList();
        await Bucket.WriteAsync(written);

        Show.Equal(written, await Bucket.ReadAsync(Bucket.Of(names)));
        Show.Equal(written, await Bucket.ReadAsync(Bucket.Of(names) with { Names = names, Fields = names }));
        Show.Equal([written[7]], await Bucket.ReadAsync(Bucket.Of(names) with { Names = names, Fields = names, Tags = [new(names[7], names[7])] }));
        Assert.Equal(50, (await Bucket.LatestAsync(Bucket.Of(names) with { Names = names, Fields = names })).Count);
        Assert.Equal(49, await Bucket.DeleteAsync(Bucket.Of(names[1..]) with { Names = names, Fields = names }));
    }

    private MeasurementFilter All => Bucket.All;

    private IEnumerable<MeasurementFilter> Each(string text) =>
    [
        All with { Devices = [text] },
        All with { Names = [text] },
        All with { Fields = [text] },
        All with { Tags = [new(text, "1")] },
        All with { Tags = [new("room", text)] },
        All with { Devices = ["e"], Names = [text], Fields = [text], Tags = [new(text, text)] },
    ];

    private async Task<IEnumerable<long>> TimesAsync(MeasurementFilter filter, long from = 0, long to = 10)
    {
        await Bucket.WriteAsync(Written);
        var read = await Bucket.ReadAsync(filter, from: from, to: to);
        Show.Equal(read.AsEnumerable().Reverse(), await Bucket.ReadAsync(filter, SortOrder.Descending, from: from, to: to));
        return read.Select(item => item.Timestamp.Nanoseconds);
    }
}
