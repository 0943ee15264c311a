using System.Net;
using IotBackend.Application.Access.Blocks;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace IotBackend.UnitTests.Access.Blocks;

[Collection(AloneCollection.Name)]
public sealed class KeyRulesTests
{
    private const string Key = "0123456789AB";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 20, 44, 0, TimeSpan.Zero));

    [Fact]
    public void Key_that_goes_on_after_refusals_is_blocked_at_the_limit()
    {
        var (behavior, blocks) = Refusals(1_000);
        Refuse(behavior, 999);
        Assert.Null(blocks.CheckKey(Key));
        Refuse(behavior, 1);
        Assert.NotNull(blocks.CheckKey(Key));
        Assert.Null(blocks.CheckKey("other0123456"));
    }

    [Fact]
    public void One_grant_begins_the_row_anew()
    {
        var (behavior, blocks) = Refusals(10);
        for (var i = 0; i < 100; i++)
        {
            Refuse(behavior, 9);
            behavior.Granted(Key);
        }

        Assert.Null(blocks.CheckKey(Key));
    }

    [Fact]
    public void Refusals_can_go_without_consequence()
    {
        var (behavior, blocks) = Refusals(0);
        Refuse(behavior, 10_000);
        Assert.Empty(blocks.List());
    }

    [Fact]
    public void Key_used_from_one_network_too_many_is_blocked()
    {
        var (networks, blocks) = Networks(20);
        for (var i = 0; i < 20; i++)
            networks.Add(Key, IPAddress.Parse($"10.0.{i}.1"));
        Assert.Null(blocks.CheckKey(Key));
        networks.Add(Key, IPAddress.Parse("2001:db8::1"));
        Assert.NotNull(blocks.CheckKey(Key));
    }

    [Fact]
    public void Many_addresses_of_few_networks_are_fine()
    {
        var (networks, blocks) = Networks(2);
        for (var i = 0; i < 250; i++)
        {
            networks.Add(Key, IPAddress.Parse($"10.0.0.{i}"));
            networks.Add(Key, IPAddress.Parse($"2001:db8:1:{i}::1"));
        }

        Assert.Null(blocks.CheckKey(Key));
    }

    [Fact]
    public void Networks_of_long_ago_do_not_count()
    {
        var (networks, blocks) = Networks(20);
        for (var i = 0; i < 200; i++)
        {
            networks.Add(Key, IPAddress.Parse($"10.0.{i}.1"));
            _time.Advance(TimeSpan.FromSeconds(30));
        }

        Assert.Null(blocks.CheckKey(Key));
    }

    [Fact]
    public void Networks_in_turn_are_each_counted_once()
    {
        var (networks, blocks) = Networks(3);
        for (var i = 0; i < 1_000; i++)
            networks.Add(Key, IPAddress.Parse($"10.0.{i % 3}.1"));
        Assert.Null(blocks.CheckKey(Key));
    }

    [Fact]
    public void Networks_of_many_keys_take_bounded_memory()
    {
        var (networks, _) = Networks(20);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < 200_000; i++)
            networks.Add(i.ToString("D12", System.Globalization.CultureInfo.InvariantCulture), IPAddress.Loopback);
        Assert.True(GC.GetTotalMemory(forceFullCollection: true) - before < 8 << 20, "Every key is remembered.");
        GC.KeepAlive(networks);
    }

    private static void Refuse(IKeyBehavior behavior, int times)
    {
        for (var i = 0; i < times; i++)
            behavior.Refused(Key);
    }

    private (IKeyBehavior Behavior, BlockList Blocks) Refusals(int limit)
    {
        var rules = new BlockRules { RefusedInARow = limit };
        var blocks = new BlockList(rules, new PostedEvents(), _time);
        return (new RefusedInARow(rules, blocks), blocks);
    }

    private (NetworksOfKeys Networks, BlockList Blocks) Networks(int limit)
    {
        var rules = new BlockRules { NetworksOfAKey = limit };
        var blocks = new BlockList(rules, new PostedEvents(), _time);
        return (new NetworksOfKeys(rules, blocks, _time), blocks);
    }
}
