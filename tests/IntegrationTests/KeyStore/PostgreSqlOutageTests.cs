using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.KeyStore;

/// <summary>The real server goes away under load, in each way that it can.</summary>
[Collection(AloneCollection.Name)]
public sealed class PostgreSqlOutageTests
{
    private const int CacheSeconds = 1;
    private const int OutageSeconds = 4;

    // The look-up of a key that is known is given up after half a second, every other question after five; the rest is the machine's.
    private static readonly TimeSpan PatienceWhenKnown = TimeSpan.FromSeconds(0.5 + 2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5 + 3);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("kill")]
    [InlineData("stop")]
    [InlineData("hang")]
    public async Task Known_keys_work_for_a_while_unknown_ones_are_told_to_wait_and_it_heals_by_itself(string way)
    {
        await using var postgres = await PostgreSqlServer.StartAsync();
        await using var server = await AccessServer.StartAsync(
            null, "--KeyStore:Provider=PostgreSql", $"--KeyStore:ConnectionString={await postgres.NewDatabaseAsync()}",
            $"--KeyStore:CacheSeconds={CacheSeconds}", $"--KeyStore:OutageSeconds={OutageSeconds}");
        var admin = server.Client(server.AdminKey);
        var (known, unseen, revoked) = (await server.AddKeyAsync(), await server.AddKeyAsync(), await server.AddKeyAsync());
        await Answer.AskAsync(server.Client(known), "/measurements", 200);
        await Answer.AskAsync(server.Client(revoked), "/measurements", 200);
        using (var response = await admin.DeleteAsync($"/admin/keys/{revoked[4..16]}", Cancelled))
            await response.ShouldBeAsync(HttpStatusCode.OK);

        await using var load = new Load(server, known);
        await load.AnsweredAsync(50);
        await GoAsync(postgres, way);
        var began = TimeProvider.System.GetTimestamp();

        // While the known key still works.
        await Task.WhenAll(
            Answer.AskAsync(server.Client(unseen), "/measurements", 503, Patience),
            Answer.AskAsync(server.Client(revoked), "/measurements", 503, Patience),
            Answer.AskAsync(server.Client(AccessServer.NewToken()), "/measurements", 503, Patience),
            Answer.AskAsync(server.Client("garbage"), "/measurements", 401, PatienceWhenKnown),
            AssertDegradedAsync(server));
        foreach (var (method, path) in new[] { (HttpMethod.Get, "/admin/keys"), (HttpMethod.Get, $"/admin/keys/{known[4..16]}"), (HttpMethod.Delete, $"/admin/keys/{known[4..16]}") })
            await Answer.AskAsync(admin, path, 503, Patience, method);
        var last = await load.LastSuccessAsync();
        var worked = TimeProvider.System.GetElapsedTime(began, last);
        Assert.InRange(worked, TimeSpan.FromSeconds(OutageSeconds - 0.5), TimeSpan.FromSeconds(CacheSeconds + OutageSeconds + 2.5));
        await Answer.AskAsync(server.Client(known), "/measurements", 503, Patience);

        await ComeBackAsync(postgres, way);
        await Eventually.TrueAsync(async () => (await server.Client(known).GetAsync("/measurements", Cancelled)).IsSuccessStatusCode, "the known key works again");
        await Eventually.TrueAsync(async () => (await server.Client(unseen).GetAsync("/measurements", Cancelled)).IsSuccessStatusCode, "the other key works");
        await Eventually.TrueAsync(async () => (await admin.GetAsync("/admin/keys", Cancelled)).IsSuccessStatusCode, "the list is there again");
        await Eventually.TrueAsync(
            async () => (await server.Client(revoked).GetAsync("/measurements", Cancelled)).StatusCode == HttpStatusCode.Unauthorized, "the revoked key is refused");

        await load.DisposeAsync();
        Assert.DoesNotContain(load.Answers, answer => answer.Status is not (200 or 503));
        Assert.InRange(load.Answers.Max(answer => answer.Took), TimeSpan.Zero, Patience);
        Assert.Single(server.LogLines, line => line.Contains("The key store does not answer; keys used lately", StringComparison.Ordinal));
        Assert.DoesNotContain(server.LogLines, line => line.Contains(PostgreSqlServer.Password, StringComparison.Ordinal));
    }

    private static Task GoAsync(PostgreSqlServer postgres, string way) => way switch
    {
        "kill" => postgres.KillAsync(),
        "stop" => postgres.StopAsync(),
        _ => postgres.SuspendAsync(),
    };

    private static Task ComeBackAsync(PostgreSqlServer postgres, string way) => way == "hang" ? postgres.ResumeAsync() : postgres.RestartAsync();

    private static async Task AssertDegradedAsync(AccessServer server)
    {
        using var response = await server.Client().GetAsync("/health", Cancelled);
        await response.ShouldBeAsync(HttpStatusCode.OK);
        var health = await response.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
        Assert.Equal("degraded", health.GetProperty("status").GetString());
        Assert.Equal("degraded", health.GetProperty("checks").GetProperty("keyStore").GetProperty("status").GetString());
    }

    private sealed record Answer(int Status, long At, TimeSpan Took)
    {
        public static async Task AskAsync(HttpClient client, string path, int status, TimeSpan? patience = null, HttpMethod? method = null)
        {
            var began = TimeProvider.System.GetTimestamp();
            using var request = new HttpRequestMessage(method ?? HttpMethod.Get, path);
            using var response = await client.SendAsync(request, Cancelled);
            var took = TimeProvider.System.GetElapsedTime(began);
            if (status == 503)
                await response.ShouldFailAsync(HttpStatusCode.ServiceUnavailable, "key_store_unavailable");
            else
                Assert.True((int)response.StatusCode == status, $"{method} {path}: {(int)response.StatusCode} instead of {status}");
            Assert.True(took < (patience ?? Patience), $"{method} {path} took {took}.");
        }
    }

    /// <summary>Some who use a key all the time.</summary>
    private sealed class Load : IAsyncDisposable
    {
        private readonly CancellationTokenSource _end = new();
        private readonly Lock _lock = new();
        private readonly List<Answer> _answers = [];
        private readonly Task _running;

        public Load(AccessServer server, string key) => _running = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => AskOnAsync(server.Client(key)))));

        public IReadOnlyList<Answer> Answers
        {
            get
            {
                lock (_lock)
                    return [.. _answers];
            }
        }

        public Task AnsweredAsync(int count) => Eventually.TrueAsync(() => Answers.Count >= count, "the load runs");

        /// <summary>When the key worked last, told when it has not for a while.</summary>
        public async Task<long> LastSuccessAsync()
        {
            await Eventually.TrueAsync(() => Answers is [.., { Status: 503 }] all && all.TakeLast(5).All(answer => answer.Status == 503), "the key's time is over");
            return Answers.Last(answer => answer.Status == 200).At;
        }

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await _running;
        }

        private async Task AskOnAsync(HttpClient client)
        {
            while (!_end.IsCancellationRequested)
            {
                var began = TimeProvider.System.GetTimestamp();
                using var response = await client.GetAsync("/measurements", CancellationToken.None);
                var at = TimeProvider.System.GetTimestamp();
                lock (_lock)
                    _answers.Add(new Answer((int)response.StatusCode, at, TimeProvider.System.GetElapsedTime(began, at)));
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
            }
        }
    }
}
