using IotBackend.Application.Access.Blocks;
using IotBackend.Application.ApiKeys;
using Xunit;

namespace IotBackend.IntegrationTests.KeyStore;

public abstract class BlockStoreTests(KeyStoreFixture fixture) : KeyStoreTests(fixture)
{
    private static readonly DateTimeOffset Now = SomeKeys.Now;
    private static readonly BlockTarget Address = new(BlockKind.Address, "192.0.2.7");

    private IBlockStore Blocks => Node.Blocks;

    [Fact]
    public async Task Every_member_of_a_block_is_kept()
    {
        Block[] all =
        [
            Make("a", Address, 3) with { Until = Now.AddTicks(1_234_560) },
            new("b", BlockKind.Key, "0123456789AB", "Grün \"and\" {0} 'quoted' 🌱", Now.ToOffset(TimeSpan.FromHours(9)), null, 0),
            Make("c", new BlockTarget(BlockKind.Address, "2001:db8::/32"), 0) with { Reason = new string('ü', CreateBlock.MaxReasonLength) },

            // The same text means something else.
            Make("d", new BlockTarget(BlockKind.Key, Address.Value), 1),
        ];
        await Blocks.SaveAsync(all, Cancelled);
        await Blocks.SaveAsync([], Cancelled);
        Assert.Equal(all, await ListAsync());
    }

    [Fact]
    public async Task Each_target_has_one_block_the_last_that_was_stored()
    {
        await Blocks.SaveAsync([Make("a", Address, 1)], Cancelled);
        var longer = Make("b", Address, 2) with { Reason = "again", CreatedAt = Now.AddSeconds(1), Until = Now.AddHours(1) };
        await Blocks.SaveAsync([longer], Cancelled);
        Assert.Equal([longer], await ListAsync());

        // Whether the first attempt came through is not always known.
        await Blocks.SaveAsync([longer], Cancelled);
        Assert.Equal([longer], await ListAsync());
        Assert.Equal(["1"], await Database.ReadAsync("SELECT count(*) FROM blocks"));
    }

    [Fact]
    public async Task Person_replaces_what_a_rule_made_and_no_rule_replaces_what_a_person_made()
    {
        await Blocks.SaveAsync([Make("a", Address, 1)], Cancelled);
        var byHand = Make("b", Address, 0) with { Until = null };
        await Blocks.SaveAsync([byHand], Cancelled);
        var other = Make("d", BlockTarget.OfKey("0123456789AB"), 1);
        await Blocks.SaveAsync([Make("c", Address, 5), other], Cancelled);
        Assert.Equal([byHand, other], await ListAsync());
    }

    [Fact]
    public async Task Lifted_block_is_gone_and_no_other()
    {
        Block[] all = [Make("a", Address, 0), Make("b", new BlockTarget(BlockKind.Key, Address.Value), 0), Make("c", new BlockTarget(BlockKind.Address, "192.0.2.70"), 1)];
        await Blocks.SaveAsync(all, Cancelled);
        await Blocks.RemoveAsync(all[0], Cancelled);
        await Blocks.RemoveAsync(all[0], Cancelled);
        Assert.Equal(all[1..], await ListAsync());
    }

    [Fact]
    public async Task Lifted_block_takes_with_it_what_had_ended_before_and_nothing_newer()
    {
        var lifted = Make("b", Address, 1) with { CreatedAt = Now.AddMinutes(1) };
        var newer = Make("c", Address, 0) with { CreatedAt = Now.AddMinutes(2), Until = null };
        await Blocks.SaveAsync([newer], Cancelled);
        await Blocks.RemoveAsync(lifted, Cancelled);
        Assert.Equal([newer], await ListAsync());
        await Blocks.RemoveAsync(newer, Cancelled);

        // The lifted one was not stored yet: in its place is the one before, which would make the next longer.
        await Blocks.SaveAsync([Make("a", Address, 1)], Cancelled);
        await Blocks.RemoveAsync(lifted, Cancelled);
        Assert.Empty(await ListAsync(DateTimeOffset.MinValue));
    }

    [Fact]
    public async Task List_leaves_out_what_has_ended()
    {
        await Blocks.SaveAsync(
            [
                Make("a", Target(0), 0) with { Until = Now }, Make("b", Target(1), 0) with { Until = Now.AddTicks(10) }, Make("c", Target(2), 0) with { Until = null },
                Make("d", Target(3), 1) with { Until = Now }, Make("e", Target(4), 1) with { Until = Now.AddTicks(10) },
            ],
            Cancelled);
        Assert.Equal(["b", "c", "e"], (await ListAsync(Now)).Select(block => block.Id));
        Assert.Equal(["a", "b", "c", "d", "e"], (await ListAsync(Now.AddTicks(-10))).Select(block => block.Id));
    }

    [Fact]
    public async Task Clean_up_takes_what_has_ended_those_of_rules_later()
    {
        var (ended, holds) = (Now.AddMinutes(-1), Now.AddMinutes(1));
        await Blocks.SaveAsync(
            [
                Make("a", Target(0), 0) with { Until = ended }, Make("b", Target(1), 0) with { Until = holds }, Make("c", Target(2), 0) with { Until = null },
                Make("d", Target(3), 1) with { Until = ended }, Make("e", Target(4), 1) with { Until = ended - BlockRules.QuietTime },
            ],
            Cancelled);
        await Blocks.RemoveEndedAsync(Now, Now - BlockRules.QuietTime, Cancelled);
        Assert.Equal(["b", "c", "d"], (await ListAsync(DateTimeOffset.MinValue)).Select(block => block.Id));
        await Blocks.RemoveEndedAsync(holds, ended, Cancelled);
        Assert.Equal(["c"], (await ListAsync(DateTimeOffset.MinValue)).Select(block => block.Id));
    }

    [Theory]
    [InlineData(0, 50)]
    [InlineData(1, 50)]
    [InlineData(70, 50)]
    public async Task Bounded_number_of_blocks_by_rules_is_kept_those_that_end_last(int tooMany, int kept)
    {
        Assert.Equal(kept, KeyStoreNode.Rules.MaxBlocks);
        var byRule = Enumerable.Range(0, kept + tooMany).Select(i => Make($"r{i:000}", Target(i), 1) with { Until = Now.AddSeconds(60 + i) });
        var byHand = Enumerable.Range(0, 60).Select(i => Make($"h{i:000}", new BlockTarget(BlockKind.Key, $"{i}"), 0) with { Until = i % 2 == 0 ? null : Now.AddSeconds(1) });
        await Blocks.SaveAsync([.. byRule, .. byHand], Cancelled);
        var expected = Enumerable.Range(0, 60).Select(i => $"h{i:000}").Concat(Enumerable.Range(tooMany, kept).Select(i => $"r{i:000}")).ToList();
        Assert.Equal(expected, (await ListAsync(Now)).Select(block => block.Id));
        Assert.Equal([$"{60 + kept + tooMany}"], await Database.ReadAsync("SELECT count(*) FROM blocks"));
        await Blocks.RemoveEndedAsync(Now, Now, Cancelled);
        Assert.Equal(expected, await Database.ReadAsync("SELECT \"Id\" FROM blocks ORDER BY \"Id\""));
    }

    [Fact]
    public async Task Outage_is_told_as_one_and_passes()
    {
        await Database.ExecuteAsync("ALTER TABLE blocks RENAME TO away");
        await Assert.ThrowsAsync<KeyStoreUnavailableException>(() => Blocks.ListAsync(Now, Cancelled));
        await Assert.ThrowsAsync<KeyStoreUnavailableException>(() => Blocks.SaveAsync([Make("a", Address, 1), Make("b", Target(0), 1)], Cancelled));
        await Assert.ThrowsAsync<KeyStoreUnavailableException>(() => Blocks.RemoveAsync(Make("a", Address, 1), Cancelled));
        await Assert.ThrowsAsync<KeyStoreUnavailableException>(() => Blocks.RemoveEndedAsync(Now, Now, Cancelled));
        await Database.ExecuteAsync("ALTER TABLE away RENAME TO blocks");
        await Blocks.SaveAsync([Make("a", Address, 1)], Cancelled);
        Assert.Equal(["a"], (await ListAsync()).Select(block => block.Id));
    }

    private static BlockTarget Target(int i) => new(BlockKind.Address, $"10.0.0.{i}");

    private static Block Make(string id, BlockTarget target, int count) => new(id, target.Kind, target.Value, "because", Now, Now.AddMinutes(1), count);

    private async Task<IEnumerable<Block>> ListAsync(DateTimeOffset? endsAfter = null) =>
        (await Blocks.ListAsync(endsAfter ?? Now, Cancelled)).OrderBy(block => block.Id, StringComparer.Ordinal);
}
