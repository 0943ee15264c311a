using IotBackend.Domain.Access;
using Xunit;

namespace IotBackend.UnitTests.Domain.Access;

public sealed class DevicePatternTests
{
    [Theory]
    [InlineData("greenhouse-12", "greenhouse-12", true)]
    [InlineData("greenhouse-12", "greenhouse-1", false)]
    [InlineData("greenhouse-12", "greenhouse-123", false)]
    [InlineData("greenhouse-12", "Greenhouse-12", false)]
    [InlineData("greenhouse-*", "greenhouse-12", true)]
    [InlineData("greenhouse-*", "greenhouse-", true)]
    [InlineData("greenhouse-*", "greenhouse", false)]
    [InlineData("greenhouse-*", "my-greenhouse-12", false)]
    [InlineData("*", "anything", true)]
    [InlineData("тепл*", "теплица", true)]
    [InlineData("é*", "e\u0301", false)]
    [InlineData("a*b", "aXb", false)]
    public void A_pattern_is_a_name_or_a_prefix(string pattern, string device, bool matches) =>
        Assert.Equal(matches, new DeviceSet([DevicePattern.Parse(pattern)]).Contains(device));

    [Fact]
    public void Patterns_are_equal_when_their_texts_are()
    {
        Assert.Equal(DevicePattern.Parse("a*"), DevicePattern.Parse("a*"));
        Assert.Equal(DevicePattern.Parse("a*").GetHashCode(), DevicePattern.Parse("a*").GetHashCode());
        Assert.NotEqual(DevicePattern.Parse("a*"), DevicePattern.Parse("a"));
        Assert.Equal("a*", DevicePattern.Parse("a*").ToString());
    }

    [Fact]
    public void No_pattern_means_all_devices()
    {
        Assert.True(DeviceSet.All.IsAll);
        Assert.True(DeviceSet.All.Contains("anything"));
    }

    [Theory]
    [InlineData("*", true)]
    [InlineData("a,*", true)]
    [InlineData("a*", false)]
    [InlineData("a", false)]
    public void Star_alone_means_all_devices(string patterns, bool isAll) => Assert.Equal(isAll, SetOf(patterns).IsAll);

    [Theory]
    [InlineData("", "", true)]
    [InlineData("", "a,b*", true)]
    [InlineData("*", "", true)]
    [InlineData("x,*", "*", true)]
    [InlineData("a*", "", false)]
    [InlineData("a*", "*", false)]
    [InlineData("a*", "a,ab,ab*,a*", true)]
    [InlineData("a*", "ab,b", false)]
    [InlineData("ab*", "a*", false)]
    [InlineData("ab", "ab*", false)]
    [InlineData("ab", "ab", true)]
    [InlineData("a*,b", "b,ac", true)]
    [InlineData("a", "A", false)]
    public void A_set_covers_another_when_it_holds_all_of_its_devices(string own, string other, bool covers) => Assert.Equal(covers, SetOf(own).Covers(SetOf(other)));

    [Theory]
    [InlineData("*", true)]
    [InlineData("greenhouse-*", true)]
    [InlineData("greenhouse *", true)]
    [InlineData("a", true)]
    [InlineData("", false)]
    [InlineData("**", false)]
    [InlineData("*x", false)]
    [InlineData("a*b", false)]
    [InlineData("a**", false)]
    [InlineData("_a*", false)]
    [InlineData(" a*", false)]
    [InlineData("a ", false)]
    [InlineData(" *", false)]
    [InlineData("a\u0007*", false)]
    public void A_pattern_is_read_when_devices_can_have_such_names(string text, bool isPattern)
    {
        var pattern = DevicePattern.TryParse(text, out var wrong);
        Assert.Equal(isPattern, pattern is not null);
        Assert.Equal(isPattern, wrong is null);
    }

    [Fact]
    public void A_set_holds_what_any_of_its_patterns_matches()
    {
        var set = new DeviceSet([DevicePattern.Parse("a"), DevicePattern.Parse("b-*")]);

        Assert.False(set.IsAll);
        Assert.True(set.Contains("a"));
        Assert.True(set.Contains("b-1"));
        Assert.False(set.Contains("ab-1"));
    }

    private static DeviceSet SetOf(string patterns) => new([.. patterns.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(DevicePattern.Parse)]);
}
