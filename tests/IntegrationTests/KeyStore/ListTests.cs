using IotBackend.Application.ApiKeys;
using IotBackend.Domain.ApiKeys;
using Xunit;

namespace IotBackend.IntegrationTests.KeyStore;

public abstract class ListTests(KeyStoreFixture fixture) : KeyStoreTests(fixture)
{
    private static readonly ApiKeyFilter All = new(null, null, null, null, 1_000, SomeKeys.Now);

    [Fact]
    public async Task Keys_come_newest_first_and_empty_is_empty()
    {
        Assert.Empty(await Node.Keys.ListAsync(All, Cancelled));
        for (var i = 0; i < 5; i++)
            await AddAsync(SomeKeys.New($"key {i}") with { CreatedAt = SomeKeys.Now.AddMilliseconds(i) });
        Assert.Equal(["key 4", "key 3", "key 2", "key 1", "key 0"], await NamesAsync(All));
    }

    [Fact]
    public async Task Pages_hold_every_key_once_also_of_equal_times_while_others_are_added()
    {
        var expected = new HashSet<string>();
        for (var i = 0; i < 40; i++)
        {
            var key = SomeKeys.New() with { CreatedAt = SomeKeys.Now.AddSeconds(i / 10) };
            await AddAsync(key);
            expected.Add(key.Id);
        }

        foreach (var size in new[] { 1, 7, 39, 40, 41 })
        {
            var seen = new List<string>();
            for (ApiKeyPosition? after = null; ;)
            {
                var page = await Node.Keys.ListAsync(All with { After = after, Limit = size }, Cancelled);
                Assert.True(page.Count <= size);
                seen.AddRange(page.Select(key => key.Id));
                if (page.Count < size)
                    break;
                after = new ApiKeyPosition(page[^1].CreatedAt, page[^1].Id);
                await AddAsync(SomeKeys.New("newer") with { CreatedAt = SomeKeys.Now.AddHours(1) });
            }

            var old = seen.Where(expected.Contains).ToList();
            Assert.Equal(expected.Count, old.Count);
            Assert.Equal(expected, old.ToHashSet());
        }
    }

    [Theory]
    [InlineData(ApiKeyStatus.Active, "endless", "expires later")]
    [InlineData(ApiKeyStatus.Expired, "expired", "expires now")]
    [InlineData(ApiKeyStatus.Revoked, "revoked", "revoked and expired")]
    public async Task Status_is_that_of_the_time_asked_for(ApiKeyStatus status, params string[] expected)
    {
        await AddAsync(SomeKeys.New("endless"));
        await AddAsync(SomeKeys.New("expires later") with { ExpiresAt = SomeKeys.Now.AddMilliseconds(1) });
        await AddAsync(SomeKeys.New("expires now") with { ExpiresAt = SomeKeys.Now });
        await AddAsync(SomeKeys.New("expired") with { ExpiresAt = SomeKeys.Now.AddDays(-1) });
        await AddAsync(SomeKeys.New("revoked") with { RevokedAt = SomeKeys.Now });
        await AddAsync(SomeKeys.New("revoked and expired") with { RevokedAt = SomeKeys.Now, ExpiresAt = SomeKeys.Now.AddDays(-1) });
        var found = await Node.Keys.ListAsync(All with { Status = status }, Cancelled);
        Assert.Equal(expected, found.Select(key => key.Name).Order());
        Assert.All(found, key => Assert.Equal(status, key.StatusAt(SomeKeys.Now)));
    }

    [Theory]
    [InlineData("süd", "Gewächshaus SÜD")]
    [InlineData("SÜD", "Gewächshaus SÜD")]
    [InlineData("gewächs", "Gewächshaus SÜD")]
    [InlineData("second floor", "pump")]
    [InlineData("100%", "100% load")]
    [InlineData("%", "100% load")]
    [InlineData("_", "a_b")]
    [InlineData("\\", "back\\slash")]
    [InlineData("'", "it's")]
    [InlineData("abcdefghijkl", "by id")]
    [InlineData("ABCDEFGHIJKL", "by id")]
    [InlineData("bcdefghijkl")]
    [InlineData("nowhere")]
    public async Task Text_is_found_in_name_and_notes_whatever_its_case_and_as_a_whole_id(string text, params string[] expected)
    {
        await AddAsync(SomeKeys.New("Gewächshaus SÜD"));
        await AddAsync(SomeKeys.New("pump") with { Notes = "on the Second Floor" });
        await AddAsync(SomeKeys.New("100% load"));
        await AddAsync(SomeKeys.New("a_b"));
        await AddAsync(SomeKeys.New("back\\slash"));
        await AddAsync(SomeKeys.New("it's"));
        await AddAsync(SomeKeys.New("by id") with { Id = "AbCdEfGhIjKl" });
        Assert.Equal(expected, await NamesAsync(All with { Text = text }));
    }

    [Fact]
    public async Task Filters_hold_together()
    {
        await AddAsync(SomeKeys.New("pump 1") with { Tier = "gold" });
        await AddAsync(SomeKeys.New("pump 2"));
        await AddAsync(SomeKeys.New("fan") with { Tier = "gold" });
        await AddAsync(SomeKeys.New("pump 3") with { Tier = "gold", RevokedAt = SomeKeys.Now });
        Assert.Equal(["pump 1"], await NamesAsync(All with { Text = "pump", Tier = "gold", Status = ApiKeyStatus.Active }));
        Assert.Equal(3, (await NamesAsync(All with { Tier = "gold" })).Count);
        Assert.Empty(await NamesAsync(All with { Tier = "go" }));
    }

    private async Task<List<string>> NamesAsync(ApiKeyFilter filter) => [.. (await Node.Keys.ListAsync(filter, Cancelled)).Select(key => key.Name)];

    private async Task AddAsync(ApiKey key) => Assert.Equal(ApiKeySaved.Done, await Node.Keys.AddAsync(key, Cancelled));
}
