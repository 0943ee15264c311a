using System.Collections.Frozen;
using IotBackend.Application.Access.SeriesLimits;
using IotBackend.Application.Nodes;
using IotBackend.Domain.Access;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Xunit;

namespace IotBackend.UnitTests.Access.SeriesLimits;

public sealed class KeySeriesLimitsTests
{
    private static readonly SeriesLimitRules Rules = new(
        new SeriesLimit(2, 5), new Dictionary<string, SeriesLimit> { ["premium"] = new(20, 50) }.ToFrozenDictionary());

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 8, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public void As_many_as_allowed_are_granted_and_one_more_is_not()
    {
        using var limits = Limits();
        var allowance = limits.Of(Key("a"))!;
        Assert.Null(allowance.Use());
        Assert.Equal([true, true, false], Enumerable.Range(0, 3).Select(_ => allowance.TryTake(true, 1)));
        Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(_ => allowance.TryTake(false, 1)));
        Assert.Equal(new SeriesUse(new SeriesLimit(2, 5), 2, 5, 3_600), allowance.Use());
    }

    [Fact]
    public void Keys_are_counted_apart_tiers_have_their_own_and_unlimited_none()
    {
        using var limits = Limits();
        Assert.True(limits.Of(Key("a"))!.TryTake(true, 1));
        Assert.Null(limits.Of(Key("b"))!.Use());
        Assert.Equal(50, limits.Of(Key("c", "premium"))!.Limit.Series);
        Assert.Null(limits.Of(Key("d", "unlimited")));
        Assert.Same(limits.Of(Key("a")), limits.Of(Key("a")));
    }

    [Fact]
    public void What_lies_an_hour_back_counts_no_more()
    {
        using var limits = Limits();
        var allowance = limits.Of(Key("a"))!;
        allowance.TryTake(true, 1);
        _time.Advance(TimeSpan.FromMinutes(30));
        allowance.TryTake(true, 1);
        Assert.Equal(30 * 60, allowance.Use()!.ResetSeconds);
        _time.Advance(TimeSpan.FromMinutes(29));
        Assert.False(allowance.TryTake(true, 1));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(allowance.TryTake(true, 1));
        _time.Advance(TimeSpan.FromHours(3));
        Assert.Equal(0, allowance.Use()!.Devices);
    }

    [Theory]
    [InlineData(39, false)]
    [InlineData(40, true)]
    public void Key_is_warned_from_eighty_per_cent_on(int taken, bool isNear)
    {
        using var limits = Limits();
        var allowance = limits.Of(Key("a", "premium"))!;
        for (var i = 0; i < taken; i++)
            Assert.True(allowance.TryTake(false, 1));
        Assert.Equal(isNear, allowance.Use()!.IsNear);
    }

    [Fact]
    public void Several_are_taken_together_or_not_at_all_and_can_be_given_back()
    {
        using var limits = Limits();
        var allowance = limits.Of(Key("a"))!;
        Assert.Equal([true, false, true, false], new[] { 3, 3, 2, 1 }.Select(series => allowance.TryTake(isNewDevice: false, series)));
        _time.Advance(TimeSpan.FromMinutes(5));
        allowance.GiveBack(0, 4);
        Assert.Equal(1, allowance.Use()!.Series);
        Assert.False(allowance.TryTake(false, 5));
        Assert.True(allowance.TryTake(true, 4));
        allowance.GiveBack(2, 9);
        Assert.Equal((0L, 0L), (allowance.Use()!.Devices, allowance.Use()!.Series));
        Assert.False(allowance.TryTake(false, 6));
    }

    [Fact]
    public void Nodes_tell_each_other_what_they_have_granted()
    {
        Action<ReadOnlyMemory<byte>>? hears = null;
        var (one, other) = (Substitute.For<INodeMessages>(), Substitute.For<INodeMessages>());
        other.Subscribe(TakenSeries.Topic, Arg.Do<Action<ReadOnlyMemory<byte>>>(given => hears = given), Arg.Any<Action>());
        one.When(messages => messages.Publish(TakenSeries.Topic, Arg.Any<ReadOnlyMemory<byte>>())).Do(call => hears!(call.Arg<ReadOnlyMemory<byte>>()));
        using var here = new KeySeriesLimits(Rules, one, _time);
        using var there = new KeySeriesLimits(Rules, other, _time);
        here.Of(Key("a"))!.TryTake(true, 1);
        here.Of(Key("a"))!.TryTake(false, 1);
        Assert.Null(there.Of(Key("a"))!.Use());

        _time.Advance(TimeSpan.FromMilliseconds(200));

        Assert.Equal((1L, 2L), (there.Of(Key("a"))!.Use()!.Devices, there.Of(Key("a"))!.Use()!.Series));
        here.Of(Key("a"))!.GiveBack(1, 1);
        _time.Advance(TimeSpan.FromMilliseconds(200));
        Assert.Equal((0L, 1L), (there.Of(Key("a"))!.Use()!.Devices, there.Of(Key("a"))!.Use()!.Series));
        hears!("no message"u8.ToArray());
        hears("""[{"key":null,"devices":-1}]"""u8.ToArray());
        Assert.Equal(1, there.Of(Key("a"))!.Use()!.Series);
    }

    private KeySeriesLimits Limits() => new(Rules, new SingleNode(), _time);

    private static Caller Key(string id, string tier = "standard") => new(id, id, Scopes.MeasurementsWrite, tier, [], DeviceSet.All, []);
}
