using IotBackend.Application.Measurements;
using IotBackend.Domain.Access;
using IotBackend.Domain.Measurements;
using IotBackend.UnitTests.Buckets;
using Xunit;
using static IotBackend.UnitTests.Caching.TestAnswers;

namespace IotBackend.UnitTests.Caching;

/// <summary>What tells one answer from another.</summary>
public sealed class AnswerDeclarationTests
{
    [Theory]
    [InlineData("a", "b")]
    [InlineData("a", "a,b")]
    [InlineData("a", "a*")]
    [InlineData("", "a")]
    public void Callers_who_see_other_devices_share_no_answer(string one, string other) =>
        Assert.NotEqual(KeyFor(one), KeyFor(other));

    [Theory]
    [InlineData("a,b", "b,a")]
    [InlineData("a,a", "a")]
    [InlineData("", "*")]
    [InlineData("a,*", "")]
    public void Callers_who_see_the_same_devices_share_their_answers(string one, string other) =>
        Assert.Equal(KeyFor(one), KeyFor(other));

    [Fact]
    public void Same_address_in_another_bucket_is_another_answer() =>
        Assert.NotEqual(Read().Declare(TestBuckets.Caller("x")).Key, Read().Declare(TestBuckets.Caller("y")).Key);

    [Fact]
    public void Other_address_is_another_answer() =>
        Assert.NotEqual(Read(address: "/measurements?limit=1").Declare(TestBuckets.Caller()).Key, Read(address: "/measurements?limit=2").Declare(TestBuckets.Caller()).Key);

    [Fact]
    public void Page_that_follows_is_not_asked_again_of_itself()
    {
        var page = Read() with { After = new MeasurementPosition(default, MeasurementKey.Create("a", "n")) };

        Assert.Null(page.Declare(TestBuckets.Caller()).Address);
        Assert.Equal("/measurements", Read().Declare(TestBuckets.Caller()).Address);
    }

    [Fact]
    public void Only_named_devices_are_depended_on()
    {
        var target = MeasurementTarget.All with { Devices = ["a", "b"] };

        Assert.Equal(["a", "b"], Read(target).Declare(TestBuckets.Caller()).Devices);
    }

    private static string KeyFor(string devices)
    {
        var set = new DeviceSet([.. devices.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(DevicePattern.Parse)]);
        return Read().Declare(TestBuckets.Caller() with { Devices = set }).Key;
    }
}
