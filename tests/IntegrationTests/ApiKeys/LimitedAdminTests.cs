using System.Net;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.ApiKeys;

/// <summary>A key with the scope <c>admin</c> that is itself limited sees, makes and changes only keys that it covers.</summary>
public sealed class LimitedAdminTests(AccessServerFixture fixture) : IClassFixture<AccessServerFixture>
{
    private const string Limits = """
        ,"buckets":["default","b"],"devices":["greenhouse-*","pump"],"networks":["127.0.0.0/8","::/0"]
        """;

    private readonly AccessServer _server = fixture.Server;
    private readonly HttpClient _admin = fixture.Server.Client(fixture.Server.AdminKey);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Members of a key, and whether a caller with <see cref="Limits"/> covers it.</summary>
    public static TheoryData<string, string?> Keys => new()
    {
        { Limits, null },
        { ""","buckets":["b"],"devices":["pump"],"networks":["127.0.0.1"]""", null },
        { ""","buckets":["b"],"devices":["greenhouse-12","greenhouse-*","greenhouse-1*"],"networks":["127.1.0.0/16","2001:db8::/32"]""", null },
        { ""","devices":["pump"],"networks":["127.0.0.1"]""", "bucket_not_allowed" },
        { ""","buckets":[],"devices":["pump"],"networks":["127.0.0.1"]""", "bucket_not_allowed" },
        { ""","buckets":["b","c"],"devices":["pump"],"networks":["127.0.0.1"]""", "bucket_not_allowed" },
        { ""","buckets":["b"],"devices":[],"networks":["127.0.0.1"]""", "device_not_allowed" },
        { ""","buckets":["b"],"devices":["*"],"networks":["127.0.0.1"]""", "device_not_allowed" },
        { ""","buckets":["b"],"devices":["pump","*"],"networks":["127.0.0.1"]""", "device_not_allowed" },
        { ""","buckets":["b"],"devices":["greenhouse*"],"networks":["127.0.0.1"]""", "device_not_allowed" },
        { ""","buckets":["b"],"devices":["pump*"],"networks":["127.0.0.1"]""", "device_not_allowed" },
        { ""","buckets":["b"],"devices":["PUMP"],"networks":["127.0.0.1"]""", "device_not_allowed" },
        { ""","buckets":["b"],"devices":["pump"],"networks":[]""", "network_not_allowed" },
        { ""","buckets":["b"],"devices":["pump"],"networks":["0.0.0.0/0"]""", "network_not_allowed" },
        { ""","buckets":["b"],"devices":["pump"],"networks":["126.0.0.0/7"]""", "network_not_allowed" },
        { ""","buckets":["b"],"devices":["pump"],"networks":["128.0.0.0/8"]""", "network_not_allowed" },
        { "", "bucket_not_allowed" },
    };

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task Key_that_is_covered_is_seen_and_another_is_not_there(string members, string? refusal)
    {
        var limited = await LimitedAsync();
        var made = await _admin.CreateKeyAsync($$"""{"name":"n","scopes":["measurements:read"]{{members}}}""");
        var isListed = await IsListedAsync(limited, made.Id);
        Assert.Equal(refusal is null, isListed);
        foreach (var (method, address, body) in new[]
        {
            (HttpMethod.Get, KeyRequests.AddressOf(made.Id), null), (HttpMethod.Patch, KeyRequests.AddressOf(made.Id), """{"name":"m"}"""),
            (HttpMethod.Post, KeyRequests.AddressOf(made.Id) + "/rotate", null), (HttpMethod.Delete, KeyRequests.AddressOf(made.Id), null),
        })
        {
            using var response = await limited.SendAsync(method, address, body);
            if (refusal is null)
            {
                await response.ShouldBeAsync(HttpStatusCode.OK);
                continue;
            }

            // In the same words as of a key that there is not.
            var hidden = await response.ShouldFailAsync(HttpStatusCode.NotFound, "not_found");
            using var absent = await limited.SendAsync(method, address.Replace(made.Id, "000000000000", StringComparison.Ordinal), body);
            var none = await absent.ShouldFailAsync(HttpStatusCode.NotFound, "not_found");
            Assert.Equal(none.Message.Replace("000000000000", made.Id, StringComparison.Ordinal), hidden.Message);
        }

        var read = await _admin.ReadKeyAsync(made.Id);
        Assert.Equal(refusal is null ? ("m", "revoked") : ("n", "active"), (read.GetProperty("name").GetString(), read.GetProperty("status").GetString()));
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task Nobody_gives_more_than_he_has(string members, string? refusal)
    {
        var limited = await LimitedAsync();
        using var created = await limited.PostAsync(KeyRequests.Path, KeyRequests.Json($$"""{"name":"n","scopes":["admin"]{{members}}}"""), Cancelled);
        if (refusal is null)
            await created.ShouldBeAsync(HttpStatusCode.Created);
        else
            await created.ShouldFailAsync(HttpStatusCode.Forbidden, refusal);

        if (members.Length == 0)
            return;
        var own = await limited.CreateKeyAsync($$"""{"name":"n","scopes":[]{{Limits}}}""");
        using var changed = await limited.ChangeKeyAsync(own.Id, $$"""{"name":"m"{{members}}}""");
        if (refusal is null)
            await changed.ShouldBeAsync(HttpStatusCode.OK);
        else if (!members.StartsWith(""","devices":["pump"]""", StringComparison.Ordinal))
            await changed.ShouldFailAsync(HttpStatusCode.Forbidden, refusal);
    }

    [Fact]
    public async Task Nobody_widens_himself()
    {
        var token = (await _admin.CreateKeyAsync($$"""{"name":"n","scopes":["admin"],"tier":"unlimited"{{Limits}}}""")).Token;
        var limited = _server.Client(token);
        foreach (var (body, code) in new[]
        {
            ("""{"buckets":[]}""", "bucket_not_allowed"), ("""{"devices":[]}""", "device_not_allowed"), ("""{"devices":["*"]}""", "device_not_allowed"),
            ("""{"networks":[]}""", "network_not_allowed"), ("""{"buckets":["default","b","c"]}""", "bucket_not_allowed"),
        })
        {
            using var response = await limited.ChangeKeyAsync(token, body);
            await response.ShouldFailAsync(HttpStatusCode.Forbidden, code);
        }

        using var all = await limited.ChangeKeyAsync(token, """{"buckets":[],"devices":[],"networks":[]}""");
        var error = await all.ShouldFailAsync(HttpStatusCode.Forbidden, "bucket_not_allowed");
        Assert.Equal(["buckets", "devices", "networks"], error.Faults.Select(fault => fault.Field));
        (await limited.ChangeKeyAsync(token, """{"devices":["pump"]}""")).EnsureSuccessStatusCode().Dispose();
        using var back = await limited.ChangeKeyAsync(token, """{"devices":["greenhouse-*"]}""");
        await back.ShouldFailAsync(HttpStatusCode.Forbidden, "device_not_allowed");
    }

    [Fact]
    public async Task List_of_a_limited_admin_is_whole_over_many_pages_of_others()
    {
        var limited = _server.Client((await _admin.CreateKeyAsync("""{"name":"n","scopes":["admin"],"tier":"unlimited","devices":["paged-*"]}""")).Token);
        var mine = new List<string>();
        for (var i = 0; i < 9; i++)
        {
            mine.Add((await _admin.CreateKeyAsync($$"""{"name":"mine","scopes":[],"devices":["paged-{{i}}"]}""")).Id);
            await _admin.CreateKeyAsync("""{"name":"other","scopes":[],"devices":["other"]}""");
        }

        var seen = new List<string>();
        for (string? query = "?limit=4&q=mine"; query is not null;)
        {
            var (ids, next) = await limited.ListKeysAsync(query);
            Assert.InRange(ids.Count, 1, 4);
            seen.AddRange(ids);
            query = next is null ? null : "?limit=4&q=mine&cursor=" + next;
        }

        Assert.Equal(mine.Order(), seen.Order());
    }

    [Fact]
    public async Task Star_alone_is_no_limit()
    {
        var star = _server.Client((await _admin.CreateKeyAsync("""{"name":"n","scopes":["admin"],"tier":"unlimited","devices":["x","*"]}""")).Token);
        var made = await star.CreateKeyAsync("""{"name":"all","scopes":[]}""");
        Assert.True(await IsListedAsync(star, made.Id));
        Assert.True(await IsListedAsync(star, KeyRequests.IdOf(_server.AdminKey)));
    }

    /// <summary>Whatever it is limited to: by a block it could keep out keys that it may not see.</summary>
    [Theory]
    [InlineData(""","buckets":["b"]""", "bucket_not_allowed")]
    [InlineData(""","devices":["pump"]""", "device_not_allowed")]
    [InlineData(""","networks":["0.0.0.0/0","::/0"]""", "network_not_allowed")]
    public async Task What_concerns_the_keys_of_all_is_closed(string limits, string code)
    {
        var limited = _server.Client((await _admin.CreateKeyAsync($$"""{"name":"limited","scopes":["admin"],"tier":"unlimited"{{limits}}}""")).Token);
        foreach (var path in new[] { "/admin/audit", "/admin/blocks", "/admin/tiers", "/admin/tiers/standard" })
            await (await limited.GetAsync(path, Cancelled)).ShouldFailAsync(HttpStatusCode.Forbidden, code);
        using var block = new StringContent($$"""{"kind":"key","value":"{{KeyRequests.IdOf(_server.AdminKey)}}","reason":"out"}""", System.Text.Encoding.UTF8, "application/json");
        await (await limited.PostAsync("/admin/blocks", block, Cancelled)).ShouldFailAsync(HttpStatusCode.Forbidden, code);
        using var tier = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
        await (await limited.PutAsync("/admin/tiers/standard", tier, Cancelled)).ShouldFailAsync(HttpStatusCode.Forbidden, code);
        Assert.Equal(HttpStatusCode.OK, (await _admin.GetAsync("/admin/keys", Cancelled)).StatusCode);
    }

    [Fact]
    public async Task The_last_admin_of_everything_can_not_limit_itself_to_networks()
    {
        await using var server = await AccessServer.StartAsync();
        var admin = server.Client(server.AdminKey);
        await admin.CreateKeyAsync("""{"name":"office","scopes":["admin"],"tier":"unlimited","networks":["127.0.0.0/8"]}""");
        using var networks = new StringContent("""{"networks":["10.0.0.0/8"]}""", System.Text.Encoding.UTF8, "application/json");
        var path = $"/admin/keys/{KeyRequests.IdOf(server.AdminKey)}";
        await (await admin.PatchAsync(path, networks, Cancelled)).ShouldFailAsync(HttpStatusCode.Conflict, "conflict");
        await (await admin.DeleteAsync(path, Cancelled)).ShouldFailAsync(HttpStatusCode.Conflict, "conflict");
    }

    private static async Task<bool> IsListedAsync(HttpClient client, string id) => (await client.ListKeysAsync("?limit=1000")).Ids.Contains(id);

    private async Task<HttpClient> LimitedAsync() =>
        _server.Client((await _admin.CreateKeyAsync($$"""{"name":"limited","scopes":["admin"],"tier":"unlimited"{{Limits}}}""")).Token);
}
