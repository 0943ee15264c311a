using System.Collections.Concurrent;
using System.Net;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Faults;

[Collection(AloneCollection.Name)]
public sealed class InfluxBreakerTests(ITestOutputHelper output)
{
    private const int Clients = 8;

    /// <summary>Trials of the spool while InfluxDB does not answer; each may take a connection.</summary>
    private const int MostConnections = 20;

    /// <summary>Long, so that a busy machine can not be mistaken for it.</summary>
    private static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan Observed = TimeSpan.FromSeconds(12);

    /// <summary>The requests that find out, and those that came while they did, may wait so long.</summary>
    private static readonly TimeSpan FindingOut = WriteTimeout + TimeSpan.FromSeconds(1);

    public static TheoryData<string> Silences => ["black hole", "suspended", "lost answers"];

    [Theory]
    [MemberData(nameof(Silences))]
    public async Task While_InfluxDB_is_silent_only_the_first_requests_wait_for_the_timeout(string silence)
    {
        await using var stack = await InfluxStack.StartAsync(settings: ("Measurements:InfluxDb:TimeoutSeconds", "4"));
        await PostOnceAsync(stack, HttpStatusCode.Created);
        await BeginAsync(silence, stack);
        var connections = stack.Network.Connections;

        var waits = await PostManyAsync(stack, Observed);

        var later = waits.Where(wait => wait.Since > FindingOut).Select(wait => wait.Took).Order().ToList();
        Assert.True(later.Count > 200, $"Only {later.Count} posts were answered.");
        var p99 = later[later.Count * 99 / 100];
        output.WriteLine(
            $"{waits.Count} posts, the longest {waits.Max(wait => wait.Took).TotalMilliseconds:N0} ms; of the {later.Count} after "
            + $"{FindingOut.TotalSeconds:N0} s the median {later[later.Count / 2].TotalMilliseconds:N1} ms, p99 {p99.TotalMilliseconds:N1} ms, the longest {later[^1].TotalMilliseconds:N0} ms; "
            + $"{stack.Network.Connections - connections} connections.");
        Assert.InRange(p99, TimeSpan.Zero, WriteTimeout / 8);
        Assert.InRange(waits.Max(wait => wait.Took), TimeSpan.Zero, 2 * WriteTimeout);
        Assert.InRange(stack.Network.Connections - connections, 0, MostConnections);
    }

    [Fact]
    public async Task Answers_turn_from_queued_to_stored_soon_after_InfluxDB_is_back()
    {
        await using var stack = await InfluxStack.StartAsync();
        stack.Network.BreakRequests(LinkFault.BlackHole);
        await PostManyAsync(stack, TimeSpan.FromSeconds(4));

        stack.Network.Heal();

        var began = TimeProvider.System.GetTimestamp();
        await Eventually.TrueAsync(async () => await PostAsync(stack.Server.Client()) == HttpStatusCode.Created, "posts are stored again", InfluxStack.Patience);
        output.WriteLine($"Stored again after {TimeProvider.System.GetElapsedTime(began).TotalMilliseconds:N0} ms.");
        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task Reads_are_refused_in_time_while_InfluxDB_is_away()
    {
        await using var stack = await InfluxStack.StartAsync();
        await stack.Influx.StopAsync();
        var client = stack.Server.Client();

        foreach (var path in new[] { "/measurements?device=d", "/measurements/latest?device=d" })
        {
            var began = TimeProvider.System.GetTimestamp();
            using var response = await client.GetAsync(path, TestContext.Current.CancellationToken);
            await response.ShouldFailAsync(HttpStatusCode.ServiceUnavailable, "storage_unavailable");
            Assert.True(response.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1), "Retry-After is missing.");
            Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(5));
        }
    }

    private static async Task BeginAsync(string silence, InfluxStack stack)
    {
        if (silence == "suspended")
            await stack.Influx.SuspendAsync();
        else if (silence == "black hole")
            stack.Network.BreakRequests(LinkFault.BlackHole);
        else
            stack.Network.BreakAnswers(LinkFault.BlackHole);
    }

    // When each post began, counted from the start, and how long it took.
    private static async Task<ConcurrentBag<(TimeSpan Since, TimeSpan Took)>> PostManyAsync(InfluxStack stack, TimeSpan time)
    {
        var waits = new ConcurrentBag<(TimeSpan, TimeSpan)>();
        var start = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
        {
            var client = stack.Server.Client();
            while (TimeProvider.System.GetElapsedTime(start) < time)
            {
                var since = TimeProvider.System.GetElapsedTime(start);
                Assert.Equal(HttpStatusCode.Accepted, await PostAsync(client));
                waits.Add((since, TimeProvider.System.GetElapsedTime(start) - since));
            }
        }));
        return waits;
    }

    private static async Task PostOnceAsync(InfluxStack stack, HttpStatusCode expected) => Assert.Equal(expected, await PostAsync(stack.Server.Client()));

    private static async Task<HttpStatusCode> PostAsync(HttpClient client)
    {
        using var response = await client.PostJsonAsync(Posting.One, """{"device":"d","fields":{"v":1}}""");
        return response.StatusCode;
    }
}
