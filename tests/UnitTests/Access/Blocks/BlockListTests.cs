using System.Net;
using IotBackend.Application.Access.Blocks;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace IotBackend.UnitTests.Access.Blocks;

public sealed class BlockListTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 20, 44, 0, TimeSpan.Zero);
    private static readonly BlockTarget Address = new(BlockKind.Address, "192.0.2.7");

    private readonly FakeTimeProvider _time = new(Start);
    private readonly PostedEvents _events = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Rule_blocks_at_once_until_the_time_is_over()
    {
        var list = List();
        list.BlockByRule(Address, "because");
        var refusal = list.CheckAddress(IPAddress.Parse("192.0.2.7"));
        Assert.Equal((ErrorKind.Forbidden, ErrorCodes.Blocked, TimeSpan.FromSeconds(60)), (refusal!.Kind, refusal.Code, refusal.RetryAfter));
        Assert.Equal("2026-11-23T20:45:00Z", refusal.Details["until"]);
        Assert.NotNull(list.CheckAddress(IPAddress.Parse("::ffff:192.0.2.7")));
        Assert.Null(list.CheckAddress(IPAddress.Parse("192.0.2.8")));
        _time.Advance(TimeSpan.FromSeconds(59.999));
        Assert.NotNull(list.CheckAddress(IPAddress.Parse("192.0.2.7")));
        _time.Advance(TimeSpan.FromSeconds(0.001));
        Assert.Null(list.CheckAddress(IPAddress.Parse("192.0.2.7")));
        Assert.Empty(list.List());
    }

    [Fact]
    public void Each_further_block_is_twice_as_long_up_to_the_longest()
    {
        var list = List(new BlockRules { LongestBlock = TimeSpan.FromSeconds(300) });
        foreach (var seconds in new[] { 60, 120, 240, 300, 300 })
        {
            list.BlockByRule(Address, "because");
            Assert.Equal(TimeSpan.FromSeconds(seconds), list.List().Single().Until - _time.GetUtcNow());
            _time.Advance(TimeSpan.FromSeconds(seconds));
            list.ForgetEnded();
        }
    }

    [Fact]
    public void Quiet_day_makes_the_next_block_a_first_one()
    {
        var list = List();
        list.BlockByRule(Address, "because");
        _time.Advance(TimeSpan.FromSeconds(60) + BlockRules.QuietTime - TimeSpan.FromMilliseconds(1));
        list.ForgetEnded();
        list.BlockByRule(Address, "because");
        Assert.Equal(2, list.List().Single().Count);
        _time.Advance(TimeSpan.FromSeconds(120) + BlockRules.QuietTime);
        list.BlockByRule(Address, "because");
        Assert.Equal(1, list.List().Single().Count);
    }

    [Theory]
    [InlineData(1, 60)]
    [InlineData(2, 120)]
    [InlineData(11, 61_440)]
    [InlineData(12, 86_400)]
    [InlineData(64, 86_400)]
    [InlineData(int.MaxValue, 86_400)]
    public void Durations_never_exceed_the_longest(int count, int seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), new BlockRules().DurationOf(count));

    [Fact]
    public void Requests_that_were_under_way_when_the_block_came_do_not_make_it_grow()
    {
        var list = List();
        for (var i = 0; i < 5; i++)
            list.BlockByRule(Address, "because");
        Assert.Equal(1, list.List().Single().Count);
        Assert.Single(_events.All);
    }

    [Theory]
    [InlineData("10.0.0.0/8", "10.200.3.4", "11.0.0.1")]
    [InlineData("192.0.2.128/25", "192.0.2.128", "192.0.2.127")]
    [InlineData("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1")]
    [InlineData("2001:db8:1:2::/64", "2001:db8:1:2:3:4:5:6", "2001:db8:1:3::")]
    public void Network_is_blocked_with_all_its_addresses(string network, string inside, string outside)
    {
        var list = List();
        var block = list.Prepare(new BlockTarget(BlockKind.Address, network), "by hand", null);
        list.Hold(block);
        Assert.NotNull(list.CheckAddress(IPAddress.Parse(inside)));
        Assert.Null(list.CheckAddress(IPAddress.Parse(outside)));
        list.Lift(block);
        Assert.Null(list.CheckAddress(IPAddress.Parse(inside)));
    }

    [Fact]
    public void Narrow_block_that_ended_hides_no_wide_one()
    {
        var list = List();
        list.BlockByRule(Address, "because");
        list.Hold(list.Prepare(new BlockTarget(BlockKind.Address, "192.0.0.0/16"), "by hand", null));
        _time.Advance(TimeSpan.FromHours(1));
        var refusal = list.CheckAddress(IPAddress.Parse("192.0.2.7"));
        Assert.Null(refusal!.RetryAfter);
        Assert.Empty(refusal.Details);
    }

    [Fact]
    public void Key_is_blocked_and_let_in_again()
    {
        var list = List();
        list.BlockByRule(BlockTarget.OfKey("0123456789AB"), "because");
        Assert.Equal(ErrorCodes.Blocked, list.CheckKey("0123456789AB")?.Code);
        Assert.Null(list.CheckKey("0123456789Ab"));
        list.Lift(list.List().Single());
        Assert.Null(list.CheckKey("0123456789AB"));
    }

    [Fact]
    public void Rules_keep_a_bounded_number_and_forget_those_that_end_first()
    {
        var list = List(new BlockRules { MaxBlocks = 100 });
        list.Hold(list.Prepare(new BlockTarget(BlockKind.Address, "203.0.113.1"), "by hand", null));
        for (var i = 0; i < 10_000; i++)
        {
            list.BlockByRule(BlockTarget.Of(AddressNetwork.Of(new IPAddress([10, 0, (byte)(i >> 8), (byte)i]))), "because");
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.InRange(list.List().Count, 80, 101);
        Assert.InRange(list.TakePending(int.MaxValue).Count, 1, 101);
        Assert.NotNull(list.CheckAddress(IPAddress.Parse("203.0.113.1")));
        Assert.NotNull(list.CheckAddress(new IPAddress([10, 0, 9_999 >> 8, 9_999 & 0xFF])));
    }

    [Fact]
    public void What_a_rule_blocks_and_its_end_are_told()
    {
        var list = List();
        list.BlockByRule(Address, "because");
        list.BlockByRule(BlockTarget.OfKey("0123456789AB"), "because");
        _time.Advance(TimeSpan.FromSeconds(60));
        list.ForgetEnded();
        list.ForgetEnded();
        Assert.Equal(["block.create", "block.create", "block.end", "block.end"], _events.All.Select(happened => happened.Action));
        Assert.Equal("192.0.2.7", _events.All[0].Address.ToString());
        Assert.Equal("0123456789AB", _events.All[1].ActorId);
        Assert.Contains("\"reason\":\"because\"", _events.All[0].After, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_changed_here_since_the_store_was_asked_is_newer_than_its_answer()
    {
        var list = List();
        var stored = list.Prepare(Address, "elsewhere", null);
        list.BeginRefresh();
        list.Lift(stored);
        list.BlockByRule(BlockTarget.OfKey("0123456789AB"), "because");
        list.Refresh([stored]);
        Assert.Equal("0123456789AB", list.List().Single().Value);
        Assert.Equal(2, list.TakePending(10).Count);

        list.BeginRefresh();
        list.Refresh([stored]);
        Assert.Equal("192.0.2.7", list.List().Single().Value);
    }

    [Fact]
    public void Lifting_a_block_lifts_no_newer_one()
    {
        var list = List();
        list.BlockByRule(Address, "because");
        var lifted = list.List().Single();
        var newer = list.Prepare(Address, "by hand", null);
        list.Hold(newer);
        list.Lift(lifted);
        Assert.Equal(newer, list.List().Single());
        Assert.Empty(list.TakePending(10));
    }

    [Theory]
    [InlineData(BlockKind.Address, "192.0.2.7")]
    [InlineData(BlockKind.Address, "192.0.2.0/24")]
    [InlineData(BlockKind.Key, "0123456789AB")]
    public async Task Nobody_slips_through_while_a_block_is_replaced(BlockKind kind, string value)
    {
        var (list, address) = (List(), IPAddress.Parse("192.0.2.7"));
        list.Hold(list.Prepare(new BlockTarget(kind, value), "by hand", null));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var looking = Task.Run(
            () =>
            {
                var slipped = 0;
                while (!end.IsCancellationRequested)
                    slipped += (kind == BlockKind.Key ? list.CheckKey(value) : list.CheckAddress(address)) is null ? 1 : 0;
                return slipped;
            },
            Cancel);
        for (var i = 0; i < 100_000; i++)
            list.Hold(list.Prepare(new BlockTarget(kind, value), "by hand", null));
        await end.CancelAsync();
        Assert.Equal(0, await looking);
    }

    private BlockList List(BlockRules? rules = null) => new(rules ?? new BlockRules(), _events, _time);
}
