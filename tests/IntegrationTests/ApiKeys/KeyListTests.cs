using IotBackend.IntegrationTests.Access;
using Xunit;

namespace IotBackend.IntegrationTests.ApiKeys;

public sealed class KeyListTests : IAsyncLifetime
{
    private AccessServer _server = null!;
    private HttpClient _admin = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await AccessServer.StartAsync();
        _admin = _server.Client(_server.AdminKey);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Pages_hold_every_key_once_the_newest_first_while_others_are_made()
    {
        var made = new List<string> { KeyRequests.IdOf(_server.AdminKey) };
        for (var i = 0; i < 24; i++)
            made.Insert(0, (await _admin.CreateKeyAsync($$"""{"name":"key {{i}}","scopes":[]}""")).Id);
        var seen = new List<string>();
        var query = "?limit=7";
        for (var pages = 1; ; pages++)
        {
            var (ids, next) = await _admin.ListKeysAsync(query);
            seen.AddRange(ids);
            if (next is null)
            {
                Assert.Equal(4, pages);
                break;
            }

            Assert.Equal(7, ids.Count);
            await _admin.CreateTokenAsync();
            query = "?limit=7&cursor=" + next;
        }

        // Those of one millisecond come in the order of their ids.
        Assert.Equal(made.Order(), seen.Order());
        var times = new List<DateTimeOffset>();
        foreach (var id in seen)
            times.Add((await _admin.ReadKeyAsync(id)).GetProperty("createdAt").GetDateTimeOffset());
        Assert.Equal(times.OrderDescending(), times);
    }

    [Fact]
    public async Task Search_and_filters_hold_together()
    {
        var pump = (await _admin.CreateKeyAsync("""{"name":"Pumpe SÜD","scopes":[],"tier":"premium"}""")).Id;
        var fan = (await _admin.CreateKeyAsync("""{"name":"fan","notes":"beside the pumpe","scopes":[]}""")).Id;
        var gone = (await _admin.CreateKeyAsync("""{"name":"pumpe 2","scopes":[],"tier":"premium"}""")).Id;
        (await _admin.RevokeKeyAsync(gone)).Dispose();
        Assert.Equal([gone, fan, pump], (await _admin.ListKeysAsync("?q=PUMPE")).Ids);
        Assert.Equal([pump], (await _admin.ListKeysAsync("?q=s%C3%BCd")).Ids);
        Assert.Equal([fan], (await _admin.ListKeysAsync("?q=" + fan)).Ids);
        Assert.Equal([pump], (await _admin.ListKeysAsync("?q=pumpe&tier=premium&status=active")).Ids);
        Assert.Equal([gone], (await _admin.ListKeysAsync("?status=revoked")).Ids);
        Assert.Empty((await _admin.ListKeysAsync("?status=expired")).Ids);
        Assert.Empty((await _admin.ListKeysAsync("?q=%25")).Ids);
        Assert.Equal(4, (await _admin.ListKeysAsync("?q=")).Ids.Count);
    }
}
