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

    [Fact]
    public void A_set_holds_what_any_of_its_patterns_matches()
    {
        var set = new DeviceSet([DevicePattern.Parse("a"), DevicePattern.Parse("b-*")]);

        Assert.False(set.IsAll);
        Assert.True(set.Contains("a"));
        Assert.True(set.Contains("b-1"));
        Assert.False(set.Contains("ab-1"));
    }
}
