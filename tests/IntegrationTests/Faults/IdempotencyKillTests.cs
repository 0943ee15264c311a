using System.Net;
using IotBackend.IntegrationTests.Hosting;
using IotBackend.IntegrationTests.Measurements;
using Microsoft.Data.Sqlite;
using Xunit;

namespace IotBackend.IntegrationTests.Faults;

/// <summary><c>kill -9</c> between the record of a request, its measurements and its answer.</summary>
[Collection(AloneCollection.Name)]
public sealed class IdempotencyKillTests
{
    private const int Posters = 8;
    private const int Rounds = 4;

    private static readonly IotServerOptions Options = new() { Settings = new Dictionary<string, string> { ["Idempotency:AttemptSeconds"] = "1" } };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Retry_of_what_was_stored_but_not_answered_doubles_nothing()
    {
        const string body = """[{"device":"a","fields":{"x":1}},{"device":"a","fields":{"x":2}}]""";
        await using var server = await IotServer.StartAsync(Options);

        // The answer can not be recorded, as if the process had been killed just before.
        await OnKeysAsync(server, "CREATE TRIGGER obstacle BEFORE UPDATE ON idempotency BEGIN SELECT RAISE(ABORT, 'not now'); END");
        using var first = await server.Client().PostAsync(Posting.Many, body, "key");
        await server.KillAsync();
        await OnKeysAsync(server, "DROP TRIGGER obstacle");
        await server.RestartAsync();

        var (retry, answer) = await RetryAsync(server.Client(), Posting.Many, body, "key");
        var (again, replayed) = await RetryAsync(server.Client(), Posting.Many, body, "key");

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created, HttpStatusCode.Created), (first.StatusCode, retry, again));
        Assert.Equal(answer, replayed);
        Assert.Equal(["1", "2"], await ValuesAsync(server, "a"));
    }

    [Fact]
    public async Task Whenever_the_program_is_killed_a_retry_stores_each_request_once()
    {
        await using var server = await IotServer.StartAsync(Options);
        var unanswered = new List<int>();
        var sent = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var client = server.Client();
            var stop = Task.WhenAll(Enumerable.Range(0, Posters).Select(_ => PostUntilGoneAsync(client, () => Interlocked.Increment(ref sent), unanswered)));
            var before = Volatile.Read(ref sent);
            await Eventually.TrueAsync(() => Volatile.Read(ref sent) > before + 50 + (round * 17), "some are sent");
            await server.KillAsync();
            await stop;
            await server.RestartAsync();
        }

        Assert.NotEmpty(unanswered);
        foreach (var number in unanswered)
            await RetryAsync(server.Client(), Posting.One, BodyOf(number), KeyOf(number));

        // A second retry, and one of what was answered, change nothing either.
        foreach (var number in unanswered.Concat(Enumerable.Range(1, 50)))
            await RetryAsync(server.Client(), Posting.One, BodyOf(number), KeyOf(number));
        var values = await ValuesAsync(server, "many");
        Assert.Equal(Enumerable.Range(1, sent), values.Select(int.Parse).Order());
    }

    private static string BodyOf(int number) => $$$"""{"device":"many","fields":{"x":{{{number}}}}}""";

    private static string KeyOf(int number) => $"key-{number}";

    private static async Task PostUntilGoneAsync(HttpClient client, Func<int> next, List<int> unanswered)
    {
        while (true)
        {
            var number = next();
            try
            {
                using var response = await client.PostAsync(Posting.One, BodyOf(number), KeyOf(number));
                Assert.Equal(HttpStatusCode.Created, response.StatusCode);
            }
            catch (HttpRequestException)
            {
                lock (unanswered)
                    unanswered.Add(number);
                return;
            }
        }
    }

    // As a client does that is told to come back.
    private static async Task<(HttpStatusCode Status, string Body)> RetryAsync(HttpClient client, string path, string body, string key)
    {
        var answer = await Eventually.GetAsync(
            async () =>
            {
                var response = await client.PostAsync(path, body, key);
                return response.StatusCode == HttpStatusCode.Conflict ? null : response;
            },
            "the request that was cut off counts as dead");
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }

    private static async Task<IEnumerable<string>> ValuesAsync(IotServer server, string device)
    {
        var values = new List<string>();
        await foreach (var measurement in server.Client().ReadAllAsync($"device={device}", cancellationToken: Cancel))
            values.Add(measurement.Fields["x"]);
        return values.Order(StringComparer.Ordinal);
    }

    private static async Task OnKeysAsync(IotServer server, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(server.DataPath, "keys.db")};Pooling=False");
        await connection.OpenAsync(Cancel);
        await using var command = new SqliteCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancel);
    }
}
