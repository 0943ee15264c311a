using System.Text;
using CsCheck;
using IotBackend.Api.Formats;
using IotBackend.Domain.Results;
using Xunit;

namespace IotBackend.UnitTests.Formats;

public sealed class JsonMembersTests
{
    private static readonly string[] Known = ["text", "number", "time", "list"];

    private readonly List<Fault> _faults = [];

    [Theory]
    [InlineData("\"2026-11-23T20:44:00.5Z\"", "2026-11-23T20:44:00.5000000+00:00")]
    [InlineData("\"2099-01-01T01:00:00.5+01:00\"", "2099-01-01T00:00:00.5000000+00:00")]
    [InlineData("\"2099-01-01T00:00:00.0019999Z\"", "2099-01-01T00:00:00.0010000+00:00")]
    [InlineData("\"1969-12-31T23:59:59.9999Z\"", "1969-12-31T23:59:59.9990000+00:00")]
    [InlineData("0", "1970-01-01T00:00:00.0000000+00:00")]
    [InlineData("-1", "1969-12-31T23:59:59.9990000+00:00")]
    public void Time_is_kept_to_the_millisecond_and_cut_off_downwards(string json, string expected)
    {
        Assert.Equal(expected, Parse($$"""{"time":{{json}}}""").Time("time")?.ToString("O"));
        Assert.Empty(_faults);
    }

    [Fact]
    public void Every_millisecond_comes_back_exactly() => Gen.Long[-62_135_596_800_000 / 10, 9_000_000_000_000].Sample(milliseconds =>
        Parse($$"""{"time":"{{DateTimeOffset.FromUnixTimeMilliseconds(milliseconds):O}}"}""").Time("time")?.ToUnixTimeMilliseconds() == milliseconds);

    [Theory]
    [InlineData("\"tomorrow\"")]
    [InlineData("\"2026-11-23\"")]
    [InlineData("true")]
    [InlineData("1.5")]
    [InlineData("99999999999999999999")]
    [InlineData("\"\\ud800\"")]
    public void What_is_no_time_is_a_fault(string json)
    {
        Assert.Null(Parse($$"""{"time":{{json}}}""").Time("time"));
        Assert.Equal([ErrorCodes.InvalidTimestamp], _faults.Select(fault => fault.Code));
    }

    [Fact]
    public void Null_is_given_and_no_time()
    {
        var members = Parse("""{"time":null}""");
        Assert.True(members.Has("time"));
        Assert.Null(members.Time("time"));
        Assert.False(Parse("{}").Has("time"));
        Assert.Empty(_faults);
    }

    [Theory]
    [InlineData("""{"text":"a","text":"b"}""", "text", ErrorCodes.DuplicateMember)]
    [InlineData("""{"Text":"a"}""", "Text", ErrorCodes.UnknownMember)]
    [InlineData("""{"t\u0065xt":"a","text":"b"}""", "text", ErrorCodes.DuplicateMember)]
    public void Unknown_and_doubled_members_are_faults(string json, string field, string code)
    {
        Parse(json);
        Assert.Equal([(field, code)], _faults.Select(fault => (fault.Field, fault.Code)));
    }

    [Theory]
    [InlineData("\"🌱🌱\"", true)]
    [InlineData("\"🌱🌱🌱\"", false)]
    [InlineData("\"\"", false)]
    [InlineData("\"a\\u0000\"", false)]
    [InlineData("\"a\\n\"", false)]
    [InlineData("\"\\ud83c\"", false)]
    [InlineData("null", false)]
    [InlineData("7", false)]
    public void Text_has_its_length_in_characters_and_no_control_characters(string json, bool isText)
    {
        var text = Parse($$"""{"text":{{json}}}""").Text("text", 1, 2);
        Assert.Equal((isText, isText ? 0 : 1), (text is not null, _faults.Count));
    }

    [Fact]
    public void List_names_each_element_that_is_wrong_and_keeps_one_of_each()
    {
        var list = Parse("""{"list":["a","b","a",1,"","c"]}""").List("list", 6, text => text.Length > 0 && text != "c" ? text : null, ErrorCodes.InvalidIdentifier, "is a or b");
        Assert.Equal(["a", "b"], list);
        Assert.Equal(["list[3]", "list[4]", "list[5]"], _faults.Select(fault => fault.Field));
        Assert.Empty(Parse("""{"list":["a","a","a","a","a","a","a"]}""").List("list", 6, text => text, ErrorCodes.InvalidIdentifier, "")!);
        Assert.Equal(ErrorCodes.NumberOutOfRange, _faults[^1].Code);
    }

    private JsonMembers Parse(string json)
    {
        Assert.Null(JsonMembers.Parse(Encoding.UTF8.GetBytes(json), "a thing", Known, _faults.Add, out var members));
        return members;
    }
}
