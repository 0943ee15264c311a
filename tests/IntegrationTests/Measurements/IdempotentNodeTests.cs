using System.Net;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Npgsql;
using Xunit;

namespace IotBackend.IntegrationTests.Measurements;

/// <summary>Idempotency keys over two nodes on one PostgreSQL, and while the key store is away.</summary>
public sealed class IdempotentNodeTests(PostgreSqlFixture postgres)
{
    private const string Body = """{"device":"a","fields":{"x":1}}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_attempts_on_two_nodes_one_is_stored_and_the_others_get_its_answer_on_both()
    {
        var connection = await (await postgres.ServerAsync()).NewDatabaseAsync();
        string[] settings = ["--KeyStore:Provider=PostgreSql", "--KeyStore:ConnectionString=" + connection];
        await using (var one = await AccessServer.StartAsync(null, settings))
        await using (var two = await AccessServer.StartAsync(null, settings))
        {
            var token = await one.AddKeyAsync();
            HttpClient[] clients = [one.Client(token), two.Client(token)];
            for (var round = 0; round < 5; round++)
            {
                var key = $"round-{round}";
                var responses = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => clients[i % 2].PostAsync(Posting.One, Body, key)));
                var first = Assert.Single(responses, response => response.StatusCode == HttpStatusCode.Created && !response.Headers.Contains("Idempotency-Replayed"));
                Assert.All(responses, response => Assert.Contains(response.StatusCode, new[] { HttpStatusCode.Created, HttpStatusCode.Conflict }));
                var answer = await first.Content.ReadAsStringAsync(Cancel);
                foreach (var client in clients)
                {
                    using var retry = await client.PostAsync(Posting.One, Body, key);
                    Assert.True(retry.Headers.Contains("Idempotency-Replayed"));
                    Assert.Equal(answer, await retry.Content.ReadAsStringAsync(Cancel));
                }
            }
        }

        NpgsqlConnection.ClearAllPools();
    }

    [Fact]
    public async Task While_the_key_store_is_away_only_requests_with_a_key_are_told_to_come_back()
    {
        await using var server = await AccessServer.StartAsync();
        var client = server.Client(await server.AddKeyAsync());
        await (await client.PostAsync(Posting.One, Body, "before")).ShouldBeAsync(HttpStatusCode.Created);
        server.BreakKeyStore();

        using var refused = await client.PostAsync(Posting.One, Body, "key");
        using var plain = await client.PostJsonAsync(Posting.One, Body);

        await refused.ShouldFailAsync(HttpStatusCode.ServiceUnavailable, "key_store_unavailable");
        Assert.True(refused.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1));
        await plain.ShouldBeAsync(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Answer_is_forgotten_when_its_time_is_over()
    {
        // 36 seconds are the least; the record is made older instead of waiting.
        await using var server = await AccessServer.StartAsync(null, "--Idempotency:RetentionHours=0.01");
        var client = server.Client(await server.AddKeyAsync());
        await (await client.PostAsync(Posting.One, Body, "key")).ShouldBeAsync(HttpStatusCode.Created);
        server.Run("UPDATE idempotency SET CreatedAt = '2026-01-01 00:00:00'");

        using var other = await client.PostAsync(Posting.One, Body.Replace('1', '2'), "key");

        await other.ShouldBeAsync(HttpStatusCode.Created);
        Assert.False(other.Headers.Contains("Idempotency-Replayed"));
    }
}
