using IotBackend.IntegrationTests.Access;
using Xunit;

namespace IotBackend.IntegrationTests.Caching;

/// <summary>Many clients write and read at once through HTTP; none reads less than what it was told is stored.</summary>
public sealed class CacheHammerTests
{
    private const int Clients = 12;
    private const int Rounds = 150;
    private const int Devices = 3;

    // Within the last hour, to the second.
    private static readonly DateTimeOffset Base = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 600);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_was_told_stored_reads_it_at_once_whatever_others_do()
    {
        await using var server = await AccessServer.StartAsync();
        var stale = 0;

        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(
            async () =>
            {
                var http = server.Client(server.AdminKey);
                var random = new Random(client);
                for (var round = 1; round <= Rounds; round++)
                {
                    // Each client has a time of its own, and all of them share the devices and the queries.
                    var device = $"d{random.Next(Devices)}";
                    var isLate = random.Next(2) == 0;
                    var time = isLate ? $"2020-01-15T12:00:{client:00}Z" : TimeOf(client);
                    await http.StoreAsync(device, round, time);
                    var query = (isLate, random.Next(3)) switch
                    {
                        (true, 0) => $"/measurements?{CachingSteps.Closed}&limit=1000",
                        (true, _) => $"/measurements?device={device}&{CachingSteps.Closed}&limit=1000",
                        (false, 0) => "/measurements?limit=1000",
                        (false, _) => $"/measurements?device={device}&limit=1000",
                    };
                    using var response = await http.AskAsync(query);
                    var read = await response.Content.ReadAsStringAsync(Cancellation);
                    if (!read.Contains($"\"device\":\"{device}\",\"name\":\"telemetry\",\"timestamp\":\"{time}\",\"fields\":{{\"value\":{round}}}", StringComparison.Ordinal))
                        Interlocked.Increment(ref stale);
                }
            },
            Cancellation)));

        Assert.Equal(0, stale);
        var figures = server.Cache().Figures;
        Assert.True(figures.Misses > 0 && figures.Hits + figures.Coalesced > 0, figures.ToString());
    }

    private static string TimeOf(int client) =>
        Base.AddSeconds(client).ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
}
