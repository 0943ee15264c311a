using System.Text;
using IotBackend.Api.Formats;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;
using Xunit;

namespace IotBackend.UnitTests.Formats;

public sealed class TierJsonTests
{
    [Fact]
    public void All_members_are_read() => Assert.Equal(
        new Tier("own", 1, 1_000_000_000, 3_600, 7),
        Read("""{ "name": "own", "requests": 1, "measurements": 1000000000, "windowSeconds": 3600, "burst": 7 }"""));

    [Fact]
    public void What_is_left_out_is_no_limit_a_minute_and_no_burst()
    {
        Assert.Equal(new Tier("own", null, null, 60, 0), Read("{}"));
        Assert.Equal(new Tier("own", null, null, 60, 0), Read("""{ "requests": null, "measurements": null }"""));
    }

    [Theory]
    [InlineData("""{ "requests": 0 }""", "requests", ErrorCodes.NumberOutOfRange)]
    [InlineData("""{ "requests": 1000000001 }""", "requests", ErrorCodes.NumberOutOfRange)]
    [InlineData("""{ "requests": 1.5 }""", "requests", ErrorCodes.WrongType)]
    [InlineData("""{ "measurements": "1" }""", "measurements", ErrorCodes.WrongType)]
    [InlineData("""{ "windowSeconds": 0 }""", "windowSeconds", ErrorCodes.NumberOutOfRange)]
    [InlineData("""{ "windowSeconds": 3601 }""", "windowSeconds", ErrorCodes.NumberOutOfRange)]
    [InlineData("""{ "measurements": 1, "burst": -1 }""", "burst", ErrorCodes.NumberOutOfRange)]
    [InlineData("""{ "burst": 1 }""", "burst", ErrorCodes.NumberOutOfRange)]
    [InlineData("""{ "name": "other" }""", "name", ErrorCodes.InvalidText)]
    [InlineData("""{ "limit": 1 }""", "limit", ErrorCodes.UnknownMember)]
    public void Faults_are_told(string json, string field, string code)
    {
        var faults = new List<Fault>();
        Assert.Null(TierJson.Parse(Encoding.UTF8.GetBytes(json), "own", faults.Add, out _));
        Assert.Equal((field, code), faults.Select(fault => (fault.Field, fault.Code)).Single());
    }

    [Fact]
    public void Cursor_comes_back_as_it_went() => Assert.Equal("own-2_x", TierCursor.TryDecode(TierCursor.Encode(new Tier("own-2_x", 1, null, 60, 0))));

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("T1dO")]
    public void What_is_no_cursor_is_refused(string text) => Assert.Null(TierCursor.TryDecode(text));

    private static Tier Read(string json)
    {
        var faults = new List<Fault>();
        Assert.Null(TierJson.Parse(Encoding.UTF8.GetBytes(json), "own", faults.Add, out var tier));
        Assert.Empty(faults);
        return tier;
    }
}
