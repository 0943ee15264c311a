using System.Net;
using IotBackend.Application.Access.Audit;
using IotBackend.Application.Access.Blocks;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Xunit;

namespace IotBackend.IntegrationTests.KeyStore;

/// <summary>What nodes that block at the same time do to each other on one database.</summary>
public abstract class BlockNodeTests(KeyStoreFixture fixture) : KeyStoreTests(fixture)
{
    private const int Rounds = 10;

    private static readonly BlockTarget Address = new(BlockKind.Address, "192.0.2.7");

    private readonly FakeTimeProvider _time = new(SomeKeys.Now);

    [Fact]
    public async Task Block_by_hand_survives_rules_that_block_the_same_at_the_same_moment()
    {
        var other = NewNode();
        for (var round = 0; round < Rounds; round++)
        {
            var target = new BlockTarget(BlockKind.Address, $"10.0.0.{round}");
            if (round % 2 == 0)
                await Node.Blocks.SaveAsync([Make($"r{round}", target, 1)], Cancelled);
            await Together(8, i => (i % 2 == 0 ? Node : other).Blocks.SaveAsync([Make($"r{round}-{i}", target, i == 3 ? 0 : i + 1)], Cancelled));
            Assert.Equal([$"r{round}-3"], await Database.ReadAsync($"SELECT \"Id\" FROM blocks WHERE \"Value\" = '{target.Value}'"));
        }
    }

    [Fact]
    public async Task Nodes_that_block_many_at_once_while_others_clean_up_keep_one_block_each()
    {
        var other = NewNode();
        var targets = Enumerable.Range(0, KeyStoreNode.Rules.MaxBlocks).Select(i => new BlockTarget(BlockKind.Address, $"10.0.0.{i}")).ToList();
        var ended = SomeKeys.Now.AddDays(-2);
        for (var round = 0; round < Rounds; round++)
        {
            await Database.ExecuteAsync("DELETE FROM blocks");
            await Node.Blocks.SaveAsync([.. targets.Select((target, i) => Make($"old{i}", target, 1) with { Until = ended })], Cancelled);
            await Together(6, i => i < 4
                ? (i % 2 == 0 ? Node : other).Blocks.SaveAsync([.. Shuffled(targets).Select(target => Make($"{i}-{target.Value}", target, 2))], Cancelled)
                : (i % 2 == 0 ? Node : other).Blocks.RemoveEndedAsync(SomeKeys.Now, SomeKeys.Now.AddDays(-1), Cancelled));
            var stored = await Node.Blocks.ListAsync(SomeKeys.Now, Cancelled);
            Assert.Equal(targets.Select(target => target.Value).Order(), stored.Select(block => block.Value).Order());
            Assert.All(stored, block => Assert.Equal(2, block.Count));
        }
    }

    [Fact]
    public async Task Blocks_of_one_node_reach_the_other_and_grow_there()
    {
        var other = NewNode();
        var (here, there) = (NewList(), NewList());
        here.BlockByRule(Address, "because");
        await RunAsync(Node, here);
        await RunAsync(other, there);
        Assert.NotNull(there.CheckAddress(IPAddress.Parse(Address.Value)));

        // It has ended, but not been quiet for long.
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Null(there.CheckAddress(IPAddress.Parse(Address.Value)));
        there.BlockByRule(Address, "again");
        await RunAsync(other, there);
        var block = Assert.Single(await Node.Blocks.ListAsync(_time.GetUtcNow(), Cancelled));
        Assert.Equal(("again", 2, _time.GetUtcNow() + KeyStoreNode.Rules.DurationOf(2)), (block.Reason, block.Count, block.Until));

        // A node that starts knows it as well, and lifts it for all.
        var later = NewList();
        await RunAsync(Node, later);
        Assert.Equal(block, later.List().Single());
        await Node.Blocks.RemoveAsync(block, Cancelled);
        await RunAsync(other, there);
        Assert.Null(there.CheckAddress(IPAddress.Parse(Address.Value)));
    }

    [Fact]
    public async Task Lifting_here_leaves_what_another_node_blocked_meanwhile()
    {
        var (other, list) = (NewNode(), NewList());
        list.BlockByRule(Address, "because");
        await RunAsync(Node, list);
        var lifted = list.List().Single();
        await Node.Blocks.RemoveAsync(lifted, Cancelled);
        list.Lift(lifted);
        var byHand = Make("by-hand", Address, 0) with { Until = null };
        await other.Blocks.SaveAsync([byHand], Cancelled);

        // The second removal comes now.
        await RunAsync(Node, list);
        Assert.Equal(byHand, Assert.Single(await other.Blocks.ListAsync(_time.GetUtcNow(), Cancelled)));
        Assert.Equal(byHand, list.List().Single());
    }

    [Fact]
    public async Task Block_by_rule_holds_through_an_outage_and_is_stored_afterwards()
    {
        var list = NewList();
        await Database.ExecuteAsync("ALTER TABLE blocks RENAME TO away");
        list.BlockByRule(Address, "because");
        await RunAsync(Node, list);
        Assert.NotNull(list.CheckAddress(IPAddress.Parse(Address.Value)));
        await Database.ExecuteAsync("ALTER TABLE away RENAME TO blocks");
        await RunAsync(Node, list);
        Assert.NotNull(list.CheckAddress(IPAddress.Parse(Address.Value)));
        Assert.Equal(Address.Value, Assert.Single(await Node.Blocks.ListAsync(_time.GetUtcNow(), Cancelled)).Value);
    }

    private BlockList NewList() => new(KeyStoreNode.Rules, Substitute.For<ISecurityEvents>(), _time);

    private Task RunAsync(KeyStoreNode node, BlockList list) => new BlockSynchronization(list, node.Blocks, node.Leases, _time).RunAsync(Cancelled);

    private static Block Make(string id, BlockTarget target, int count) =>
        new(id, target.Kind, target.Value, "because", SomeKeys.Now, SomeKeys.Now.AddMinutes(1), count);
}
