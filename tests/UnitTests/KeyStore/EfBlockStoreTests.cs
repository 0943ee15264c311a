using System.Net;
using IotBackend.Application.Access.Blocks;
using IotBackend.Application.ApiKeys;
using IotBackend.Application.Nodes;
using IotBackend.Infrastructure.KeyStore;
using IotBackend.Infrastructure.KeyStore.Blocks;
using IotBackend.UnitTests.Access.Blocks;
using IotBackend.UnitTests.ApiKeys;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace IotBackend.UnitTests.KeyStore;

public sealed class EfBlockStoreTests : IAsyncLifetime
{
    private static readonly BlockTarget Address = new(BlockKind.Address, "192.0.2.7");

    private readonly FakeTimeProvider _time = new(TestKeys.Now);
    private readonly TestKeyStore _test = new();
    private readonly BlockRules _rules = new() { MaxBlocks = 50 };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private EfBlockStore Store => new(_test.Get<KeyStoreDatabase>(), _rules);

    public async ValueTask InitializeAsync() => await _test.StartAsync();

    public ValueTask DisposeAsync()
    {
        _test.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Every_member_of_a_block_is_kept()
    {
        var (byRule, byHand) = (Block("a", Address, 3), new Block("b", BlockTarget.OfKey("0123456789AB").Kind, "0123456789AB", "Grün", _time.GetUtcNow(), null, 0));
        await Store.SaveAsync([byRule, byHand], Cancel);
        Assert.Equal([byRule, byHand], (await Store.ListAsync(_time.GetUtcNow(), Cancel)).OrderBy(block => block.Id, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Person_replaces_what_a_rule_made_and_no_rule_replaces_what_a_person_made()
    {
        await Store.SaveAsync([Block("a", Address, 1)], Cancel);
        await Store.SaveAsync([Block("b", Address, 2)], Cancel);
        Assert.Equal(2, (await Store.ListAsync(_time.GetUtcNow(), Cancel)).Single().Count);
        await Store.SaveAsync([Block("c", Address, 0)], Cancel);
        await Store.SaveAsync([Block("d", BlockTarget.OfKey("0123456789AB"), 1), Block("e", Address, 3)], Cancel);
        Assert.Equal(["c", "d"], (await Store.ListAsync(_time.GetUtcNow(), Cancel)).Select(block => block.Id).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Ended_blocks_go_those_of_rules_a_quiet_day_later()
    {
        var now = _time.GetUtcNow();
        await Store.SaveAsync([Block("a", Address, 1), Block("b", BlockTarget.OfKey("0123456789AB"), 0)], Cancel);
        await Store.RemoveEndedAsync(now.AddMinutes(1), now.AddMinutes(1) - BlockRules.QuietTime, Cancel);
        Assert.Equal(["a"], (await Store.ListAsync(now, Cancel)).Select(block => block.Id));
        await Store.RemoveEndedAsync(now, now.AddMinutes(1), Cancel);
        Assert.Empty(await Store.ListAsync(DateTimeOffset.MinValue, Cancel));
    }

    [Fact]
    public async Task Table_keeps_a_bounded_number_of_blocks_by_rule()
    {
        var byRule = Enumerable.Range(0, 120).Select(i => Block($"r{i}", new BlockTarget(BlockKind.Address, $"10.0.0.{i}"), 1) with { Until = _time.GetUtcNow().AddSeconds(60 + i) });
        await Store.SaveAsync([.. byRule, Block("h", Address, 0)], Cancel);
        await Store.RemoveEndedAsync(_time.GetUtcNow(), _time.GetUtcNow(), Cancel);
        var kept = await Store.ListAsync(_time.GetUtcNow(), Cancel);
        Assert.Equal(51, kept.Count);
        Assert.Contains(kept, block => block.Id == "h");
        Assert.Contains(kept, block => block.Id == "r119");
    }

    [Fact]
    public async Task Blocks_of_one_node_reach_the_other_and_outlive_the_process()
    {
        var (here, there) = (new BlockList(_rules, new PostedEvents(), _time), new BlockList(_rules, new PostedEvents(), _time));
        here.BlockByRule(Address, "because");
        await RunAsync(here);
        await RunAsync(there);
        Assert.NotNull(there.CheckAddress(IPAddress.Parse("192.0.2.7")));

        var lifted = there.List().Single();
        await Store.RemoveAsync(lifted, Cancel);
        there.Lift(lifted);
        await RunAsync(there);
        await RunAsync(here);
        Assert.Null(here.CheckAddress(IPAddress.Parse("192.0.2.7")));

        here.BlockByRule(Address, "again");
        Assert.NotEqual(lifted.Id, here.List().Single().Id);
        await RunAsync(here);
        _time.Advance(TimeSpan.FromHours(1));
        var later = new BlockList(_rules, new PostedEvents(), _time);
        await RunAsync(later);
        Assert.Empty(later.List());
        later.BlockByRule(Address, "third");
        Assert.Equal(2, later.List().Single().Count);
    }

    [Fact]
    public async Task Block_by_rule_holds_through_an_outage_and_is_stored_afterwards()
    {
        var list = new BlockList(_rules, new PostedEvents(), _time);
        _test.Run("ALTER TABLE blocks RENAME TO away");
        await Assert.ThrowsAsync<KeyStoreUnavailableException>(() => Store.ListAsync(_time.GetUtcNow(), Cancel));
        list.BlockByRule(Address, "because");
        await RunAsync(list);
        Assert.NotNull(list.CheckAddress(IPAddress.Parse("192.0.2.7")));
        _test.Run("ALTER TABLE away RENAME TO blocks");
        await RunAsync(list);
        Assert.NotNull(list.CheckAddress(IPAddress.Parse("192.0.2.7")));
        Assert.Equal("192.0.2.7", (await Store.ListAsync(_time.GetUtcNow(), Cancel)).Single().Value);
    }

    private Block Block(string id, BlockTarget target, int count) =>
        new(id, target.Kind, target.Value, "because", _time.GetUtcNow(), _time.GetUtcNow().AddMinutes(1), count);

    private Task RunAsync(BlockList list) => new BlockSynchronization(list, Store, _test.Get<ILeases>(), _time).RunAsync(Cancel);
}
