using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Access;

public sealed class BlockTests
{
    private static readonly string[] NothingIsSafe = ["--Blocks:NeverBlock=", "--Blocks:RefreshSeconds=1"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Address_that_guesses_keys_is_blocked_for_a_growing_while_and_others_are_not()
    {
        await using var server = await AccessServer.StartAsync(null, [.. NothingIsSafe, "--Blocks:FirstBlockSeconds=2"]);
        var (admin, guesser, holder) = (server.Client(server.AdminKey), server.ClientFrom("127.0.7.1", "hunter2"), server.ClientFrom("127.0.7.1", server.AdminKey));
        await GuessAsync(guesser, 21);
        var error = await (await holder.GetAsync("/measurements", Cancellation)).ShouldFailAsync(HttpStatusCode.Forbidden, "blocked");
        Assert.EndsWith("Z", error.Details!.Value.Text("until"), StringComparison.Ordinal);
        Assert.InRange(error.Details.Value.GetProperty("retryAfterSeconds").GetInt32(), 1, 2);
        foreach (var path in new[] { "/health", "/health/ready", "/version", "/time", "/openapi/v1.json" })
            await (await guesser.GetAsync(path, Cancellation)).ShouldBeAsync(HttpStatusCode.OK);
        await (await admin.GetAsync("/measurements", Cancellation)).ShouldBeAsync(HttpStatusCode.OK);
        var block = (await BlocksAsync(admin)).Single();
        Assert.Equal(("address", "127.0.7.1", "too many failed credentials"), (block.Text("kind"), block.Text("value"), block.Text("reason")));

        await Eventually.TrueAsync(async () => (await holder.GetAsync("/measurements", Cancellation)).StatusCode == HttpStatusCode.OK, "the block ends");
        await GuessAsync(guesser, 21);
        var again = (await BlocksAsync(admin)).Single();
        Assert.Equal(TimeSpan.FromSeconds(4), again.GetProperty("until").GetDateTimeOffset() - again.GetProperty("createdAt").GetDateTimeOffset());
        var told = await admin.AuditAsync("?action=block.create&address=127.0.7.1", 1);
        Assert.Equal("too many failed credentials", told[0].GetProperty("after").Text("reason"));
    }

    [Fact]
    public async Task Limit_itself_is_allowed_and_missing_keys_do_not_count()
    {
        await using var server = await AccessServer.StartAsync(null, [.. NothingIsSafe, "--Blocks:FailedCredentials:Limit=5", "--Blocks:FailedCredentials:WindowSeconds=3600"]);
        await GuessAsync(server.ClientFrom("127.0.7.2", "hunter2"), 5);
        for (var i = 0; i < 20; i++)
            await (await server.ClientFrom("127.0.7.2").GetAsync("/measurements", Cancellation)).ShouldFailAsync(HttpStatusCode.Unauthorized, "missing_credentials");
        await (await server.ClientFrom("127.0.7.2", server.AdminKey).GetAsync("/measurements", Cancellation)).ShouldBeAsync(HttpStatusCode.OK);
        await GuessAsync(server.ClientFrom("127.0.7.2", AccessServer.NewToken()), 1);
        await (await server.ClientFrom("127.0.7.2").GetAsync("/measurements", Cancellation)).ShouldFailAsync(HttpStatusCode.Forbidden, "blocked");
    }

    [Fact]
    public async Task Loopback_is_never_blocked_by_rule_unless_told_otherwise()
    {
        await using var server = await AccessServer.StartAsync();
        await GuessAsync(server.Client("hunter2"), 50);
        Assert.Empty(await BlocksAsync(server.Client(server.AdminKey)));
    }

    [Fact]
    public async Task Blocked_request_is_answered_before_its_body_comes()
    {
        await using var server = await AccessServer.StartAsync(null, NothingIsSafe);
        await BlockAsync(server, "address", "127.0.7.3");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/measurements") { Content = new EndlessContent() };
        request.Headers.ExpectContinue = true;
        var response = await server.ClientFrom("127.0.7.3", server.AdminKey).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        await response.ShouldFailAsync(HttpStatusCode.Forbidden, "blocked");
    }

    [Fact]
    public async Task Blocks_made_by_hand_hold_across_a_restart_until_they_are_lifted()
    {
        var folder = Directory.CreateTempSubdirectory("iotbackend-blocks-").FullName;
        try
        {
            string id;
            await using (var server = await AccessServer.StartAsync(folder, NothingIsSafe))
            {
                var block = await BlockAsync(server, "address", "127.0.8.0/24");
                id = block.Text("id")!;
                Assert.Equal(("address", "127.0.8.0/24", "because", JsonValueKind.Null), (block.Text("kind"), block.Text("value"), block.Text("reason"), block.GetProperty("until").ValueKind));
                var error = await (await server.ClientFrom("127.0.8.200").GetAsync("/measurements", Cancellation)).ShouldFailAsync(HttpStatusCode.Forbidden, "blocked");
                Assert.Null(error.Details);
            }

            await using var next = await AccessServer.StartAsync(folder, NothingIsSafe);
            var admin = next.Client(next.AdminKey);
            await (await next.ClientFrom("127.0.8.1").GetAsync("/measurements", Cancellation)).ShouldFailAsync(HttpStatusCode.Forbidden, "blocked");
            await (await admin.DeleteAsync($"/admin/blocks/{id}", Cancellation)).ShouldBeAsync(HttpStatusCode.OK);
            await (await next.ClientFrom("127.0.8.1", next.AdminKey).GetAsync("/measurements", Cancellation)).ShouldBeAsync(HttpStatusCode.OK);
            await (await admin.DeleteAsync($"/admin/blocks/{id}", Cancellation)).ShouldFailAsync(HttpStatusCode.NotFound, "not_found");
            Assert.Equal(["not_found", "done"], (await admin.AuditAsync($"?action=block.lift&objectId={id}")).Select(entry => entry.Text("outcome")));
            Assert.Equal("127.0.8.0/24", (await admin.AuditAsync($"?action=block.create&objectId={id}")).Single().GetProperty("after").Text("value"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Blocked_key_is_told_so_only_with_its_right_secret()
    {
        await using var server = await AccessServer.StartAsync();
        var key = await server.AddKeyAsync();
        await BlockAsync(server, "key", key[4..16], TimeProvider.System.GetUtcNow().AddHours(1));
        var response = await server.Client(key).GetAsync("/measurements", Cancellation);
        await response.ShouldFailAsync(HttpStatusCode.Forbidden, "blocked");
        Assert.InRange(response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 3_500, 3_600);
        await (await server.Client(AccessServer.WithOtherSecret(key)).GetAsync("/measurements", Cancellation)).ShouldFailAsync(HttpStatusCode.Unauthorized, "invalid_credentials");
    }

    [Fact]
    public async Task Key_used_from_many_networks_is_blocked()
    {
        await using var server = await AccessServer.StartAsync(null, "--Blocks:NetworksAKey:Limit=3");
        var key = await server.AddKeyAsync();
        for (var i = 1; i <= 3; i++)
            await (await server.ClientFrom($"127.0.{i}.1", key).GetAsync("/measurements", Cancellation)).ShouldBeAsync(HttpStatusCode.OK);
        await (await server.ClientFrom("127.0.4.1", key).GetAsync("/measurements", Cancellation)).ShouldFailAsync(HttpStatusCode.Forbidden, "blocked");
        await (await server.ClientFrom("127.0.1.1", key).GetAsync("/measurements", Cancellation)).ShouldFailAsync(HttpStatusCode.Forbidden, "blocked");
        Assert.Equal(key[4..16], (await BlocksAsync(server.Client(server.AdminKey))).Single().Text("value"));
    }

    [Fact]
    public async Task What_another_node_blocks_and_lifts_holds_here_soon()
    {
        await using var server = await AccessServer.StartAsync(null, NothingIsSafe);
        var client = server.ClientFrom("127.0.9.1", server.AdminKey);
        server.Run("INSERT INTO blocks (Id, Kind, Value, Reason, CreatedAt, Until, Count) VALUES ('elsewhere', 'address', '127.0.9.1', 'there', '2026-01-01 00:00:00', NULL, 0)");
        await Eventually.TrueAsync(async () => (await client.GetAsync("/measurements", Cancellation)).StatusCode == HttpStatusCode.Forbidden, "the block arrives");
        server.Run("DELETE FROM blocks");
        await Eventually.TrueAsync(async () => (await client.GetAsync("/measurements", Cancellation)).StatusCode == HttpStatusCode.OK, "the block is gone");
    }

    [Fact]
    public async Task Block_made_here_holds_although_the_key_store_is_down()
    {
        await using var server = await AccessServer.StartAsync(null, NothingIsSafe);
        server.BreakKeyStore();
        await GuessAsync(server.ClientFrom("127.0.7.5", "hunter2"), 21);
        await (await server.ClientFrom("127.0.7.5").GetAsync("/measurements", Cancellation)).ShouldFailAsync(HttpStatusCode.Forbidden, "blocked");
    }

    [Fact]
    public async Task Nobody_blocks_himself_or_the_same_twice()
    {
        await using var server = await AccessServer.StartAsync();
        var admin = server.Client(server.AdminKey);
        foreach (var (kind, value) in new[] { ("key", server.AdminKey[4..16]), ("address", "127.0.0.1"), ("address", "127.0.0.0/8"), ("address", "::ffff:127.0.0.1") })
            await (await PostAsync(admin, new { kind, value, reason = "because" })).ShouldFailAsync(HttpStatusCode.Conflict, "conflict");
        await (await PostAsync(admin, new { kind = "address", value = "192.0.2.7", reason = "because" })).ShouldBeAsync(HttpStatusCode.Created);
        await (await PostAsync(admin, new { kind = "address", value = "::ffff:192.0.2.7", reason = "because" })).ShouldFailAsync(HttpStatusCode.Conflict, "conflict");
        await (await PostAsync(admin, new { kind = "key", value = "000000000000", reason = "because" })).ShouldFailAsync(HttpStatusCode.NotFound, "not_found");
        Assert.Single(await BlocksAsync(admin));
    }

    [Fact]
    public async Task List_is_paged_the_newest_first_and_without_what_has_ended()
    {
        await using var server = await AccessServer.StartAsync();
        var admin = server.Client(server.AdminKey);
        await BlockAsync(server, "address", "203.0.113.9", TimeProvider.System.GetUtcNow().AddSeconds(1));
        for (var i = 0; i < 5; i++)
        {
            await BlockAsync(server, "address", $"192.0.2.{i}");
            await Eventually.PauseAsync();
        }

        await Eventually.TrueAsync(async () => (await BlocksAsync(admin)).Count == 5, "the short block has ended");
        var first = await admin.GetFromJsonAsync<JsonElement>("/admin/blocks?limit=3&kind=address", Cancellation);
        var second = await admin.GetFromJsonAsync<JsonElement>($"/admin/blocks?limit=3&cursor={first.Text("nextCursor")}", Cancellation);
        Assert.Equal(
            ["192.0.2.4", "192.0.2.3", "192.0.2.2", "192.0.2.1", "192.0.2.0"],
            first.GetProperty("items").EnumerateArray().Concat(second.GetProperty("items").EnumerateArray()).Select(block => block.Text("value")));
        Assert.False(second.GetProperty("hasMore").GetBoolean());
        Assert.Empty((await admin.GetFromJsonAsync<JsonElement>("/admin/blocks?kind=key", Cancellation)).GetProperty("items").EnumerateArray());
        await (await admin.GetAsync("/admin/blocks?cursor=elsewhere", Cancellation)).ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_cursor");
    }

    private static async Task GuessAsync(HttpClient client, int times)
    {
        for (var i = 0; i < times; i++)
            await (await client.GetAsync("/measurements", Cancellation)).ShouldFailAsync(HttpStatusCode.Unauthorized, "invalid_credentials");
    }

    private static async Task<JsonElement> BlockAsync(AccessServer server, string kind, string value, DateTimeOffset? until = null)
    {
        var response = await PostAsync(server.Client(server.AdminKey), new { kind, value, reason = "because", until });
        await response.ShouldBeAsync(HttpStatusCode.Created);
        return await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, object block) => client.PostAsJsonAsync("/admin/blocks", block, Cancellation);

    private static async Task<IReadOnlyList<JsonElement>> BlocksAsync(HttpClient client) =>
        [.. (await client.GetFromJsonAsync<JsonElement>("/admin/blocks", Cancellation)).GetProperty("items").EnumerateArray()];

    /// <summary>A body of which nothing is ever sent.</summary>
    private sealed class EndlessContent : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => Eventually.PauseAsync(Timeout.InfiniteTimeSpan);

        protected override bool TryComputeLength(out long length)
        {
            length = 1_000_000;
            return true;
        }
    }
}
