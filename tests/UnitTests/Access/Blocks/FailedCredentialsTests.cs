using System.Net;
using CsCheck;
using IotBackend.Application.Access.Blocks;
using IotBackend.Domain.Access;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace IotBackend.UnitTests.Access.Blocks;

[Collection(AloneCollection.Name)]
public sealed class FailedCredentialsTests
{
    private static readonly IPAddress Address = IPAddress.Parse("192.0.2.7");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 20, 44, 0, TimeSpan.Zero));

    [Fact]
    public void Limit_is_allowed_and_one_more_is_not()
    {
        var (failed, blocks) = Make(new BlockRules());
        Fail(failed, Address, 20);
        Assert.Null(blocks.CheckAddress(Address));
        failed.Add(Address);
        Assert.NotNull(blocks.CheckAddress(Address));
        Assert.Null(blocks.CheckAddress(IPAddress.Parse("192.0.2.8")));
    }

    [Fact]
    public void After_the_block_the_count_begins_anew()
    {
        var (failed, blocks) = Make(new BlockRules());
        Fail(failed, Address, 21);
        _time.Advance(TimeSpan.FromSeconds(60));
        Fail(failed, Address, 20);
        Assert.Null(blocks.CheckAddress(Address));
        failed.Add(Address);
        Assert.Equal(TimeSpan.FromSeconds(120), blocks.CheckAddress(Address)?.RetryAfter);
    }

    [Fact]
    public void Failures_slide_out_of_the_window()
    {
        var (failed, blocks) = Make(new BlockRules());
        for (var minute = 0; minute < 60; minute++)
        {
            // Not quite a third of the limit every third of a window.
            Fail(failed, Address, 4);
            _time.Advance(TimeSpan.FromSeconds(20));
        }

        Assert.Null(blocks.CheckAddress(Address));
    }

    [Fact]
    public void The_border_of_a_window_does_not_double_the_limit()
    {
        var (failed, blocks) = Make(new BlockRules());
        _time.Advance(TimeSpan.FromSeconds(59));
        Fail(failed, Address, 15);
        _time.Advance(TimeSpan.FromSeconds(2));
        Fail(failed, Address, 15);
        Assert.NotNull(blocks.CheckAddress(Address));
    }

    [Theory]
    [InlineData("192.0.2.7", "::ffff:192.0.2.7", true)]
    [InlineData("192.0.2.7", "192.0.2.6", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::1", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    public void Addresses_of_one_subscriber_count_together(string one, string other, bool areOne)
    {
        var (failed, blocks) = Make(new BlockRules());
        Fail(failed, IPAddress.Parse(one), 20);
        failed.Add(IPAddress.Parse(other));
        Assert.Equal(areOne, blocks.CheckAddress(IPAddress.Parse(one)) is not null);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.9.9.9")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    public void Safe_networks_are_never_blocked(string address)
    {
        var loopback = AddressNetwork.Of(IPAddress.Loopback, 8);
        var (failed, blocks) = Make(new BlockRules { NeverBlock = [loopback, AddressNetwork.Of(IPAddress.IPv6Loopback)] });
        Fail(failed, IPAddress.Parse(address), 1_000);
        Assert.Null(blocks.CheckAddress(IPAddress.Parse(address)));
    }

    [Fact]
    public void Limit_of_nothing_is_no_rule()
    {
        var (failed, blocks) = Make(new BlockRules { FailedCredentials = 0 });
        Fail(failed, Address, 1_000);
        failed.Add(null);
        Assert.Empty(blocks.List());
    }

    [Fact]
    public void Flood_from_millions_of_addresses_neither_grows_nor_hides_the_one_that_goes_on_trying()
    {
        var (failed, blocks) = Make(new BlockRules());
        var addresses = Enumerable.Range(0, 2_000_000).Select(i => new IPAddress([20, (byte)(i >> 16), (byte)(i >> 8), (byte)i]));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var count = 0;
        foreach (var address in addresses)
        {
            failed.Add(address);
            if (++count % 50_000 == 0)
                failed.Add(Address);
        }

        Assert.True(GC.GetTotalMemory(forceFullCollection: true) - before < 1 << 20, "The table grows with the addresses.");
        Assert.NotNull(blocks.CheckAddress(Address));
        Assert.Single(blocks.List());
    }

    [Fact]
    public void Nobody_who_keeps_to_half_the_limit_is_blocked_and_whoever_sends_twice_as_much_is() =>
        Gen.Select(Gen.Int[2, 50], Gen.Int[1, 120], Gen.Int[0, 10_000]).Sample((limit, window, offset) =>
        {
            var rules = new BlockRules { FailedCredentials = limit, FailedCredentialsWindow = TimeSpan.FromSeconds(window) };
            var time = new FakeTimeProvider();
            time.Advance(TimeSpan.FromMilliseconds(offset));
            var (calm, calmBlocks) = Make(rules, time);
            Spread(calm, time, limit / 2, window, 4);
            var (eager, eagerBlocks) = Make(rules with { FirstBlock = TimeSpan.FromDays(1) }, time);
            Spread(eager, time, (2 * limit) + 2, window, 2);
            return calmBlocks.List().Count == 0 && eagerBlocks.List().Count == 1;
        });

    private static void Spread(FailedCredentials failed, FakeTimeProvider time, int count, int window, int windows)
    {
        for (var i = 0; i < count * windows; i++)
        {
            failed.Add(Address);
            time.Advance(TimeSpan.FromSeconds((double)window / count));
        }
    }

    private static void Fail(FailedCredentials failed, IPAddress address, int times)
    {
        for (var i = 0; i < times; i++)
            failed.Add(address);
    }

    private (FailedCredentials Failed, BlockList Blocks) Make(BlockRules rules, FakeTimeProvider? time = null)
    {
        var blocks = new BlockList(rules, new PostedEvents(), time ?? _time);
        return (new FailedCredentials(rules, blocks, time ?? _time), blocks);
    }
}
