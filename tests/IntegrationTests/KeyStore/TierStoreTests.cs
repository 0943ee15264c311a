using IotBackend.Application.Access.RateLimits;
using IotBackend.Application.ApiKeys;
using IotBackend.Domain.Access;
using Xunit;

namespace IotBackend.IntegrationTests.KeyStore;

public abstract class TierStoreTests(KeyStoreFixture fixture) : KeyStoreTests(fixture)
{
    private const int Rounds = 10;

    private static readonly Tier Some = new("some", 100, 10_000, 60, 500);

    private ITierStore Tiers => Node.Tiers;

    public static TheoryData<Tier> All => [Some, Tier.Unlimited, new Tier(new string('x', Tier.MaxNameLength), Tier.MaxPerWindow, null, Tier.MaxWindowSeconds, Tier.MaxPerWindow)];

    [Theory]
    [MemberData(nameof(All))]
    public async Task Every_member_of_a_tier_is_kept(Tier tier)
    {
        Assert.Null(await Tiers.FindAsync(tier.Name, Cancelled));
        Assert.True(await Tiers.SaveAsync(tier, null, Cancelled));
        Assert.Equal(new StoredTier(tier, 0), await Tiers.FindAsync(tier.Name, Cancelled));
        Assert.Equal([tier], await NewNode().Tiers.ListAsync(Cancelled));
    }

    [Fact]
    public async Task Second_tier_of_a_name_is_refused_and_changes_nothing()
    {
        await Tiers.SaveAsync(Some, null, Cancelled);
        Assert.False(await Tiers.SaveAsync(Some with { Requests = 1 }, null, Cancelled));
        Assert.Equal([Some], await Tiers.ListAsync(Cancelled));
    }

    [Fact]
    public async Task Change_replaces_every_member_of_the_tier_that_was_read()
    {
        await Tiers.SaveAsync(Some, null, Cancelled);
        var read = await Tiers.FindAsync(Some.Name, Cancelled);
        var changed = new Tier(Some.Name, null, 7, 1, 0);
        Assert.True(await Tiers.SaveAsync(changed, read, Cancelled));
        Assert.Equal(new StoredTier(changed, 1), await Tiers.FindAsync(Some.Name, Cancelled));
        Assert.False(await Tiers.SaveAsync(Some, read, Cancelled));
        Assert.False(await Tiers.DeleteAsync(read!, Cancelled));
        Assert.Equal([changed], await Tiers.ListAsync(Cancelled));
    }

    [Fact]
    public async Task Deleted_tier_is_gone_and_may_come_again()
    {
        var other = Some with { Name = "other" };
        await Tiers.SaveAsync(Some, null, Cancelled);
        await Tiers.SaveAsync(other, null, Cancelled);
        var read = await Tiers.FindAsync(Some.Name, Cancelled);
        Assert.True(await Tiers.DeleteAsync(read!, Cancelled));
        Assert.False(await Tiers.DeleteAsync(read!, Cancelled));
        Assert.False(await Tiers.SaveAsync(Some, read, Cancelled));
        Assert.Equal([other], await Tiers.ListAsync(Cancelled));
        Assert.True(await Tiers.SaveAsync(Some, null, Cancelled));
    }

    [Fact]
    public async Task Of_many_who_make_a_tier_at_once_one_does()
    {
        var other = NewNode();
        for (var round = 0; round < Rounds; round++)
        {
            var name = $"round-{round}";
            var outcomes = await Together(8, i => (i % 2 == 0 ? Node : other).Tiers.SaveAsync(Some with { Name = name, Requests = i + 1 }, null, Cancelled));
            Assert.Single(outcomes, isDone => isDone);
            Assert.Equal(Array.IndexOf(outcomes, true) + 1, (await Tiers.FindAsync(name, Cancelled))!.Tier.Requests);
        }
    }

    [Fact]
    public async Task Of_many_who_change_or_delete_a_tier_at_once_one_does()
    {
        var other = NewNode();
        for (var round = 0; round < Rounds; round++)
        {
            var tier = Some with { Name = $"round-{round}" };
            await Tiers.SaveAsync(tier, null, Cancelled);
            var read = await Tiers.FindAsync(tier.Name, Cancelled);
            var outcomes = await Together(8, i =>
            {
                var tiers = (i % 2 == 0 ? Node : other).Tiers;
                return i < 4 ? tiers.SaveAsync(tier with { Requests = i + 1 }, read, Cancelled) : tiers.DeleteAsync(read!, Cancelled);
            });
            Assert.Single(outcomes, isDone => isDone);
            var winner = Array.IndexOf(outcomes, true);
            Assert.Equal(winner < 4 ? new StoredTier(tier with { Requests = winner + 1 }, 1) : null, await other.Tiers.FindAsync(tier.Name, Cancelled));
        }
    }

    [Fact]
    public async Task Outage_is_told_as_one_and_passes()
    {
        await Tiers.SaveAsync(Some, null, Cancelled);
        await Database.ExecuteAsync("ALTER TABLE tiers RENAME TO away");
        await Assert.ThrowsAsync<KeyStoreUnavailableException>(() => Tiers.ListAsync(Cancelled));
        await Assert.ThrowsAsync<KeyStoreUnavailableException>(() => Tiers.FindAsync(Some.Name, Cancelled));
        await Assert.ThrowsAsync<KeyStoreUnavailableException>(() => Tiers.SaveAsync(Some, null, Cancelled));
        await Assert.ThrowsAsync<KeyStoreUnavailableException>(() => Tiers.DeleteAsync(new StoredTier(Some, 0), Cancelled));
        await Database.ExecuteAsync("ALTER TABLE away RENAME TO tiers");
        Assert.Equal([Some], await Tiers.ListAsync(Cancelled));
    }
}
