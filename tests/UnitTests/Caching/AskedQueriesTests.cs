using IotBackend.Application.Caching;
using IotBackend.Domain.Access;
using IotBackend.UnitTests.Buckets;
using Xunit;
using static IotBackend.UnitTests.Caching.TestAnswers;

namespace IotBackend.UnitTests.Caching;

public sealed class AskedQueriesTests
{
    private readonly AskedQueries _asked = new();

    [Fact]
    public void Most_asked_come_first()
    {
        Ask("/measurements?device=a", 1);
        Ask("/measurements?device=b", 3);
        Ask("/measurements?device=c", 2);

        Assert.Equal([("/measurements?device=b", 3L), ("/measurements?device=c", 2L)], _asked.MostAsked(2).Select(counted => (counted.Query.Address, counted.Count)));
    }

    [Fact]
    public void What_those_see_who_ask_is_kept_apart()
    {
        Ask("/measurements", 1, "a");
        Ask("/measurements", 2, "b");

        Assert.Equal(["b", "a"], _asked.MostAsked(10).Select(counted => counted.Query.Devices.Canonical));
    }

    [Fact]
    public void What_is_restored_goes_on_being_counted_as_the_same_query()
    {
        var before = new AskedQueries();
        before.Restore([new CountedQuery(new AskedQuery("/measurements?device=a", [], DeviceSet.All), 5)]);
        before.Count(Declaration("/measurements?device=a", "key"), TestBuckets.Caller());

        Assert.Equal(6, Assert.Single(before.MostAsked(10)).Count);
    }

    [Fact]
    public void What_is_no_longer_asked_fades_and_is_forgotten()
    {
        Ask("/measurements?device=a", 100);
        _asked.Fade();
        Assert.Equal(75, _asked.MostAsked(1)[0].Count);

        for (var i = 0; i < 20; i++)
            _asked.Fade();

        Assert.Empty(_asked.MostAsked(1));
    }

    [Fact]
    public void Number_and_length_of_what_is_counted_are_bounded()
    {
        for (var i = 0; i < 2 * AskedQueries.MaxCounted; i++)
            Ask($"/measurements?device={i}", 1);
        Ask("/measurements?device=" + new string('x', 2_000), 1);

        Assert.InRange(_asked.MostAsked(int.MaxValue).Count, AskedQueries.MaxCounted / 2, AskedQueries.MaxCounted);
        Assert.All(_asked.MostAsked(int.MaxValue), counted => Assert.InRange(counted.Query.Address.Length, 1, 2_000));
    }

    [Fact]
    public void Queries_that_are_asked_once_do_not_keep_out_those_that_are_asked_again()
    {
        for (var i = 0; i < 5 * AskedQueries.MaxCounted; i++)
        {
            Ask($"/measurements?to={i}", 1);
            if (i % 10 == 0)
                Ask("/measurements?device=busy", 1);
        }

        Assert.Equal("/measurements?device=busy", _asked.MostAsked(1)[0].Query.Address);
    }

    [Fact]
    public void Query_without_an_address_is_not_counted()
    {
        _asked.Count(Declare(TestBuckets.Name("b"), AllTime), TestBuckets.Caller());

        Assert.Empty(_asked.MostAsked(1));
    }

    [Theory]
    [InlineData("", "", "", "", true)]
    [InlineData("a*", "", "a-1", "", true)]
    [InlineData("a*", "", "", "", false)]
    [InlineData("a*", "", "b", "", false)]
    [InlineData("", "x", "", "x", true)]
    [InlineData("", "x", "", "", false)]
    [InlineData("", "x", "", "x,y", false)]
    [InlineData("", "x,y", "", "x", true)]
    public void Query_is_shown_to_those_who_see_as_much(string devices, string buckets, string seenDevices, string seenBuckets, bool isVisible)
    {
        var caller = TestBuckets.Caller(Split(buckets)) with { Devices = Set(devices) };
        var query = new AskedQuery("/measurements", [.. Split(seenBuckets).Select(TestBuckets.Name)], Set(seenDevices));

        Assert.Equal(isVisible, query.IsVisibleTo(caller));
    }

    private static string[] Split(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries);

    private static DeviceSet Set(string list) => new([.. Split(list).Select(DevicePattern.Parse)]);

    private static AnswerDeclaration Declaration(string address, string key) => Declare(TestBuckets.Name("b"), AllTime) with { Key = key, Address = address };

    private void Ask(string address, int times, string devices = "")
    {
        var caller = TestBuckets.Caller() with { Devices = Set(devices) };
        for (var i = 0; i < times; i++)
            _asked.Count(Declaration(address, address + "\n" + devices), caller);
    }
}
