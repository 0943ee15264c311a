using IotBackend.Application.Nodes;
using IotBackend.Infrastructure.KeyStore.Leases;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.KeyStore;

/// <summary>Which of the nodes on one database gets a lease, keeps it and loses it.</summary>
public abstract class LeaseTests(KeyStoreFixture fixture) : KeyStoreTests(fixture)
{
    private const int Rounds = 10;
    private const string Name = "some-work";

    private static readonly TimeSpan Long = TimeSpan.FromHours(1);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);

    [Fact]
    public async Task Of_many_nodes_that_ask_at_once_one_gets_it()
    {
        KeyStoreNode[] nodes = [Node, .. Enumerable.Range(0, 5).Select(_ => NewNode())];
        for (var round = 0; round < Rounds; round++)
        {
            var name = $"round-{round}";
            var taken = await Together(nodes.Length, i => TakeAsync(nodes[i], Long, name));
            Assert.Single(taken, isTaken => isTaken);
        }
    }

    [Fact]
    public async Task Of_many_nodes_that_wait_for_a_dead_one_exactly_one_takes_over()
    {
        Assert.True(await TakeAsync(Node, Short));
        KeyStoreNode[] others = [.. Enumerable.Range(0, 5).Select(_ => NewNode())];
        bool[] taken = [];
        await Eventually.TrueAsync(
            async () => (taken = await Together(others.Length, i => TakeAsync(others[i], Long))).Any(isTaken => isTaken), "the lease of the dead node ends");

        Assert.Single(taken, isTaken => isTaken);
        Assert.False(await TakeAsync(Node, Long));
        Assert.True(await TakeAsync(others[Array.IndexOf(taken, true)], Long));
    }

    [Fact]
    public async Task Holder_prolongs_it_and_others_go_on_waiting()
    {
        var other = NewNode();
        Assert.True(await TakeAsync(Node, Short));
        Assert.True(await TakeAsync(Node, Long));
        await Eventually.PauseAsync(Short * 2);
        Assert.False(await TakeAsync(other, Long));
        Assert.True(await TakeAsync(other, Long, "other-work"));
        Assert.False(await TakeAsync(Node, Long, "other-work"));
    }

    [Fact]
    public async Task Node_that_ends_gives_back_all_of_its_own()
    {
        var other = NewNode();
        Assert.True(await TakeAsync(Node, Long));
        Assert.True(await TakeAsync(Node, Long, "more-work"));
        Assert.True(await TakeAsync(other, Long, "other-work"));

        await Node.Get<EfLeases>().ReleaseAsync(Cancelled);

        Assert.False(await TakeAsync(Node, Long, "other-work"));
        Assert.True(await TakeAsync(other, Long));
        Assert.True(await TakeAsync(other, Long, "more-work"));
    }

    [Fact]
    public async Task While_the_database_is_down_nobody_holds_a_lease()
    {
        Assert.True(await TakeAsync(Node, Long));
        await Database.ExecuteAsync("ALTER TABLE leases RENAME TO away");
        Assert.False(await TakeAsync(Node, Long));
        await Database.ExecuteAsync("ALTER TABLE away RENAME TO leases");
        Assert.True(await TakeAsync(Node, Long));
        Assert.False(await TakeAsync(NewNode(), Long));
    }

    private static Task<bool> TakeAsync(KeyStoreNode node, TimeSpan duration, string name = Name) =>
        node.Get<ILeases>().TryTakeAsync(name, duration, Cancelled).AsTask();
}
