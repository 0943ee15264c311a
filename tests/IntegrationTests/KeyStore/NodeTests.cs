using IotBackend.Application.ApiKeys;
using IotBackend.Domain.ApiKeys;
using Xunit;

namespace IotBackend.IntegrationTests.KeyStore;

/// <summary>What two processes do to each other on one database.</summary>
public abstract class NodeTests(KeyStoreFixture fixture) : KeyStoreTests(fixture)
{
    private const int Rounds = 10;

    [Fact]
    public async Task What_one_node_stores_the_other_finds()
    {
        var other = NewNode();
        await other.OpenAsync();
        var key = SomeKeys.NewFull();
        await Node.Keys.AddAsync(key, Cancelled);
        SomeKeys.AssertSame(key, await other.Keys.FindAsync(key.Id, Cancelled));
    }

    [Fact]
    public async Task Of_many_changes_of_one_version_exactly_one_is_done()
    {
        var other = NewNode();
        for (var round = 0; round < Rounds; round++)
        {
            var key = SomeKeys.New();
            await Node.Keys.AddAsync(key, Cancelled);
            var outcomes = await Together(8, i => (i % 2 == 0 ? Node : other).Keys.UpdateAsync(key with { Name = $"name {i}" }, null, Cancelled));
            Assert.Single(outcomes, outcome => outcome == ApiKeySaved.Done);
            Assert.Equal(7, outcomes.Count(outcome => outcome == ApiKeySaved.Conflict));
            Assert.Equal((1, $"name {Array.IndexOf(outcomes, ApiKeySaved.Done)}"), await VersionAndNameAsync(key.Id));
        }
    }

    [Fact]
    public async Task Of_many_keys_that_want_a_certificate_exactly_one_gets_it()
    {
        var other = NewNode();
        for (var round = 0; round < Rounds; round++)
        {
            var certificate = SomeKeys.Certificate($"round {round}");
            var keys = Enumerable.Range(0, 6).Select(_ => SomeKeys.New() with { Certificates = [certificate] }).ToArray();
            var outcomes = await Together(6, i => (i % 2 == 0 ? Node : other).Keys.AddAsync(keys[i], Cancelled));
            var winner = Assert.Single(keys, key => outcomes[Array.IndexOf(keys, key)] == ApiKeySaved.Done);
            Assert.Equal(winner.Id, await Node.Keys.FindIdAsync(certificate, Cancelled));
            foreach (var loser in keys.Where(key => key != winner))
                Assert.Null(await other.Keys.FindAsync(loser.Id, Cancelled));
        }
    }

    [Fact]
    public async Task Of_admins_that_end_each_other_at_the_same_moment_one_is_left()
    {
        var other = NewNode();
        for (var round = 0; round < Rounds; round++)
        {
            ApiKey[] admins = [SomeKeys.NewAdmin(), SomeKeys.NewAdmin()];
            foreach (var admin in admins)
                await Node.Keys.AddAsync(admin, Cancelled);
            var outcomes = await Together(2, i => (i == 0 ? Node : other).Keys.UpdateAsync(admins[i] with { RevokedAt = SomeKeys.Now }, SomeKeys.Now, Cancelled));
            Assert.True(await Node.Keys.HasActiveAdminAsync(SomeKeys.Now, Cancelled), $"Both are gone: {string.Join(", ", outcomes)}");
            Assert.All(outcomes, outcome => Assert.Contains(outcome, new[] { ApiKeySaved.Done, ApiKeySaved.Conflict, ApiKeySaved.LastAdmin }));

            // Out of the way of the next round.
            await Database.ExecuteAsync("DELETE FROM api_keys");
        }
    }

    [Fact]
    public async Task Uses_of_many_nodes_are_the_latest_of_all()
    {
        var other = NewNode();
        var keys = Enumerable.Range(0, 20).Select(_ => SomeKeys.New()).ToList();
        foreach (var key in keys)
            await Node.Keys.AddAsync(key, Cancelled);
        await Together(8, i => (i % 2 == 0 ? Node : other).Keys.SaveUsesAsync(
            [.. Shuffled(keys).Select(key => new ApiKeyUse(key.Id, SomeKeys.Now.AddSeconds(i), $"192.0.2.{i}"))], Cancelled));
        foreach (var key in keys)
        {
            var read = await Node.Keys.FindAsync(key.Id, Cancelled);
            Assert.Equal((SomeKeys.Now.AddSeconds(7), "192.0.2.7"), (read!.LastUsedAt, read.LastUsedFrom));
        }
    }

    private async Task<(int Version, string Name)> VersionAndNameAsync(string id)
    {
        var key = await Node.Keys.FindAsync(id, Cancelled);
        return (key!.Version, key.Name);
    }
}
