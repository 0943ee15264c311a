using System.Text;
using IotBackend.Api.Formats;
using IotBackend.Domain.Results;
using Xunit;

namespace IotBackend.UnitTests.Formats;

public sealed class BucketJsonTests
{
    [Theory]
    [InlineData("{}", "", null)]
    [InlineData("\uFEFF{}", "", null)]
    [InlineData("""{ "description": "d", "retentionHours": 24 }""", "d", 24)]
    [InlineData("""{ "retentionHours": null }""", "", null)]
    [InlineData("""{ "retentionHours": 1 }""", "", 1)]
    [InlineData("""{ "retentionHours": 876000, "description": "\u00fc\ud83d\ude00\n" }""", "ü\ud83d\ude00\n", 876_000)]
    public void What_is_left_out_is_empty_or_for_ever(string body, string description, int? hours)
    {
        var (rules, error, faults) = Parse(body);

        Assert.Null(error);
        Assert.Empty(faults);
        Assert.Equal((description, hours), (rules.Description, rules.Retention.Hours));
    }

    [Theory]
    [InlineData("""{ "retentionHours": 0 }""", "retentionHours", ErrorCodes.NumberOutOfRange)]
    [InlineData("""{ "retentionHours": -1 }""", "retentionHours", ErrorCodes.NumberOutOfRange)]
    [InlineData("""{ "retentionHours": 876001 }""", "retentionHours", ErrorCodes.NumberOutOfRange)]
    [InlineData("""{ "retentionHours": 99999999999999999999 }""", "retentionHours", ErrorCodes.NumberOutOfRange)]
    [InlineData("""{ "retentionHours": 1.5 }""", "retentionHours", ErrorCodes.WrongType)]
    [InlineData("""{ "retentionHours": 1e2 }""", "retentionHours", ErrorCodes.WrongType)]
    [InlineData("""{ "retentionHours": "24" }""", "retentionHours", ErrorCodes.WrongType)]
    [InlineData("""{ "retentionHours": true }""", "retentionHours", ErrorCodes.WrongType)]
    [InlineData("""{ "retentionHours": [24] }""", "retentionHours", ErrorCodes.WrongType)]
    [InlineData("""{ "description": null }""", "description", ErrorCodes.WrongType)]
    [InlineData("""{ "description": 5 }""", "description", ErrorCodes.WrongType)]
    [InlineData("""{ "description": { "a": 1 } }""", "description", ErrorCodes.WrongType)]
    [InlineData("""{ "description": "\ud800" }""", "description", ErrorCodes.InvalidText)]
    [InlineData("""{ "description": "\u0000" }""", "description", ErrorCodes.InvalidText)]
    [InlineData("""{ "name": "x" }""", "name", ErrorCodes.UnknownMember)]
    [InlineData("""{ "RetentionHours": 1 }""", "RetentionHours", ErrorCodes.UnknownMember)]
    [InlineData("""{ "": 1 }""", "", ErrorCodes.UnknownMember)]
    [InlineData("""{ "\ud800": 1 }""", "", ErrorCodes.UnknownMember)]
    [InlineData("""{ "description": "a", "description": "a" }""", "description", ErrorCodes.DuplicateMember)]
    [InlineData("""{ "retentionHours": 1, "retention\u0048ours": 2 }""", "retentionHours", ErrorCodes.DuplicateMember)]
    public void Fault_names_its_member(string body, string field, string code)
    {
        var (_, error, faults) = Parse(body);

        Assert.Null(error);
        Assert.Equal((field, code), faults.Select(fault => (fault.Field, fault.Code)).Single());
    }

    [Theory]
    [InlineData(1_000, true)]
    [InlineData(1_001, false)]
    public void Description_has_at_most_1000_characters(int length, bool isTaken) =>
        Assert.Equal(isTaken ? [] : [ErrorCodes.TextTooLong], Parse($$"""{ "description": "{{new string('x', length)}}" }""").Faults.Select(fault => fault.Code));

    [Fact]
    public void All_faults_come_at_once() => Assert.Equal(
        ["a", "b", "description", "retentionHours"],
        Parse("""{ "b": [], "retentionHours": 0, "a": {}, "description": 1 }""").Faults.Select(fault => fault.Field).Order());

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("{}x")]
    [InlineData("{,}")]
    [InlineData("""{ "description": "a", }""")]
    [InlineData("""{ /* why */ "description": "a" }""")]
    [InlineData("{\"x\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}")]
    public void What_is_no_json_is_refused_as_such(string body) => Assert.Equal(ErrorCodes.InvalidJson, Parse(body).Error?.Code);

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("24")]
    [InlineData("\"text\"")]
    public void What_is_no_object_is_refused(string body) =>
        Assert.Equal(ErrorCodes.WrongType, Assert.Single(Parse(body).Error!.Faults).Code);

    [Fact]
    public void Bytes_that_are_no_text_are_refused()
    {
        byte[] body = [.. "{\"description\":\""u8, 0xFF, .. "\"}"u8];
        var faults = new List<Fault>();

        BucketJson.Parse(body, faults.Add, out _);

        Assert.Equal(ErrorCodes.InvalidText, Assert.Single(faults).Code);
    }

    private static (BucketRules Rules, Error? Error, List<Fault> Faults) Parse(string body)
    {
        var faults = new List<Fault>();
        var error = BucketJson.Parse(Encoding.UTF8.GetBytes(body), faults.Add, out var rules);
        return (rules, error, faults);
    }
}
