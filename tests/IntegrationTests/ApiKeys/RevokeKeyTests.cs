using System.Net;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Npgsql;
using Xunit;

namespace IotBackend.IntegrationTests.ApiKeys;

public sealed class RevokeKeyTests(PostgreSqlFixture postgres)
{
    private const int Rounds = 15;
    private const int Users = 8;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>With a cache so short that look-ups are under way all the time, and with one that always knows the key.</summary>
    [Theory]
    [InlineData("revoke", 1)]
    [InlineData("revoke", 3600)]
    [InlineData("rotate", 1)]
    [InlineData("rotate", 3600)]
    public async Task From_the_answer_on_no_request_with_the_key_succeeds(string act, int cacheSeconds)
    {
        await using var server = await AccessServer.StartAsync(null, $"--KeyStore:CacheSeconds={cacheSeconds}", "--Logging:LogLevel:Default=Warning");
        var admin = server.Client(server.AdminKey);
        for (var round = 0; round < Rounds; round++)
        {
            var token = await admin.CreateTokenAsync();
            var isEnded = 0;
            var successes = 0;
            var users = Enumerable.Range(0, Users).Select(_ => Task.Run(
                async () =>
                {
                    var client = server.Client(token);
                    for (var refusals = 0; refusals < 5;)
                    {
                        var beganAfterTheEnd = Volatile.Read(ref isEnded) == 1;
                        using var response = await client.GetAsync("/measurements?limit=1", Cancelled);
                        if (response.StatusCode != HttpStatusCode.OK)
                        {
                            await response.ShouldFailAsync(HttpStatusCode.Unauthorized, "invalid_credentials");
                            refusals++;
                        }
                        else
                        {
                            Assert.False(beganAfterTheEnd, $"Round {round}: it worked after it had been ended.");
                            Interlocked.Increment(ref successes);
                        }
                    }
                },
                Cancelled)).ToList();
            await Eventually.TrueAsync(() => Volatile.Read(ref successes) > Users || users.Any(user => user.IsFaulted), "the key is used");

            // A key that another round's change leaves alone is looked up at its first use; here, where it was just made, in the midst of the rush.
            using (var response = act == "revoke" ? await admin.RevokeKeyAsync(token) : await admin.RotateKeyAsync(token, """{"overlapSeconds":0}"""))
                await response.ShouldBeAsync(HttpStatusCode.OK);
            Volatile.Write(ref isEnded, 1);
            await Task.WhenAll(users);
        }
    }

    /// <summary>The database is so slow that the key is often read before it is revoked, and arrives afterwards.</summary>
    [Fact]
    public async Task From_the_answer_on_no_request_succeeds_also_when_a_slow_look_up_was_under_way()
    {
        var database = await postgres.ServerAsync();
        await using var slow = FaultProxy.Start(new Uri($"http://127.0.0.1:{database.Port}"));
        var connection = new NpgsqlConnectionStringBuilder(await database.NewDatabaseAsync()) { Port = slow.Url.Port }.ToString();
        await using var server = await AccessServer.StartAsync(null, "--KeyStore:Provider=PostgreSql", "--KeyStore:ConnectionString=" + connection);
        slow.BreakAnswers(new LinkFault { Delay = TimeSpan.FromMilliseconds(30) });
        var admin = server.Client(server.AdminKey);
        var (duration, stillWorked) = (TimeSpan.FromMilliseconds(300), 0);
        for (var round = 0; round < 12; round++)
        {
            var token = await admin.CreateTokenAsync();
            var client = server.Client(token);
            var began = TimeProvider.System.GetTimestamp();
            var revoking = admin.RevokeKeyAsync(token);
            await Eventually.PauseAsync(duration * Random.Shared.NextDouble());
            using var during = await client.GetAsync("/measurements", Cancelled);
            using (var revoked = await revoking)
                await revoked.ShouldBeAsync(HttpStatusCode.OK);
            duration = TimeProvider.System.GetElapsedTime(began);
            stillWorked += during.IsSuccessStatusCode ? 1 : 0;
            for (var i = 0; i < 3; i++)
            {
                using var after = await client.GetAsync("/measurements", Cancelled);
                await after.ShouldFailAsync(HttpStatusCode.Unauthorized, "invalid_credentials");
            }
        }

        // Else nothing would have been tried.
        Assert.InRange(stillWorked, 1, 12);
    }

    [Fact]
    public async Task Revoked_key_stays_in_the_list_and_ends_no_second_time()
    {
        await using var server = await AccessServer.StartAsync();
        var admin = server.Client(server.AdminKey);
        var token = await admin.CreateTokenAsync();
        using var first = await admin.RevokeKeyAsync(token);
        await first.ShouldBeAsync(HttpStatusCode.OK);
        var revokedAt = (await first.ReadAsync()).GetProperty("revokedAt").GetString();
        using var second = await admin.RevokeKeyAsync(token);
        await second.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(revokedAt, (await second.ReadAsync()).GetProperty("revokedAt").GetString());
        Assert.Equal("revoked", (await admin.ReadKeyAsync(token)).GetProperty("status").GetString());
        Assert.Contains(KeyRequests.IdOf(token), (await admin.ListKeysAsync()).Ids);
        using var changed = await admin.ChangeKeyAsync(token, """{"expiresAt":null}""");
        await changed.ShouldFailAsync(HttpStatusCode.Conflict, "conflict");
    }

    [Theory]
    [InlineData("DELETE", null)]
    [InlineData("PATCH", """{"scopes":["measurements:read"]}""")]
    [InlineData("PATCH", """{"buckets":["default"]}""")]
    [InlineData("PATCH", """{"devices":["greenhouse-*"]}""")]
    public async Task Last_key_that_may_administer_everything_is_left(string method, string? body)
    {
        await using var server = await AccessServer.StartAsync();
        var admin = server.Client(server.AdminKey);
        await admin.CreateKeyAsync("""{"name":"limited","scopes":["admin"],"buckets":["default"]}""");
        using (var response = await admin.SendAsync(new HttpMethod(method), KeyRequests.AddressOf(server.AdminKey), body))
            await response.ShouldFailAsync(HttpStatusCode.Conflict, "conflict");
        (await admin.ChangeKeyAsync(server.AdminKey, """{"devices":["*"]}""")).EnsureSuccessStatusCode().Dispose();
        await admin.CreateKeyAsync("""{"name":"second","scopes":["admin"]}""");
        using (var response = await admin.SendAsync(new HttpMethod(method), KeyRequests.AddressOf(server.AdminKey), body))
            await response.ShouldBeAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Admins_that_revoke_each_other_at_the_same_moment_leave_one()
    {
        await using var server = await AccessServer.StartAsync();
        var first = server.AdminKey;
        for (var round = 0; round < 5; round++)
        {
            var second = (await server.Client(first).CreateKeyAsync("""{"name":"second","scopes":["admin"],"tier":"unlimited"}""")).Token;
            var (one, two) = (server.Client(first), server.Client(second));
            var answers = await Task.WhenAll(one.RevokeKeyAsync(second), two.RevokeKeyAsync(first));
            using var firstNow = await server.Client(first).GetAsync(KeyRequests.Path, Cancelled);
            using var secondNow = await server.Client(second).GetAsync(KeyRequests.Path, Cancelled);
            Assert.True(firstNow.IsSuccessStatusCode || secondNow.IsSuccessStatusCode, $"Nobody is left: {string.Join(", ", answers.Select(answer => answer.StatusCode))}");
            first = firstNow.IsSuccessStatusCode ? first : second;
        }
    }
}
