using System.Net;
using System.Security.Cryptography;
using IotBackend.Domain.ApiKeys;
using IotBackend.Performance.Load;
using IotBackend.Performance.Report;
using IotBackend.Performance.Servers;

namespace IotBackend.Performance.Measurements;

/// <summary>What a flood costs: the requests of P1 from a key that has nothing left, and with a key that does not exist, against P1 itself.</summary>
internal sealed class P11Flood : IBenchmark
{
    private const string Tier = "flood";

    public string Id => "P11";

    public async Task<IReadOnlyList<Row>> RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        using var folder = bench.NewFolder();
        await using var server = await IotServer.StartAsync(
            folder.Path, [$"--RateLimits:Tiers:{Tier}:Requests", "1", $"--RateLimits:Tiers:{Tier}:WindowSeconds", "3600"], cancellationToken);
        var limited = await LimitedKey.MakeAsync(server, Tier, cancellationToken);
        var unknown = ApiKeyToken.Create(RandomNumberGenerator.GetBytes(ApiKeyToken.RandomLength));
        return
        [
            await RowAsync(bench, server, "429 answers, the key has nothing left", limited, HttpStatusCode.TooManyRequests, cancellationToken),
            await RowAsync(bench, server, "401 answers, there is no such key", unknown, HttpStatusCode.Unauthorized, cancellationToken),
        ];
    }

    private async Task<Row> RowAsync(Bench bench, IotServer server, string work, string key, HttpStatusCode status, CancellationToken cancellationToken)
    {
        await SpendAsync(server, key, status, cancellationToken);
        var (refused, stored) = await bench.SideBySideAsync(
            async duration => (await Wrk.RunAsync(
                server.Address, WrkScripts.SingleWrites(server.Address, key, Bench.Devices), duration, cancellationToken, areRefused: true)).RequestsPerSecond,
            duration => Bench.SingleWritesAsync(server.Address, server.Key, Bench.Devices, duration, cancellationToken));
        return Row.Ratio(Id, work, "P1 in the same run", "req/s", refused, stored, Goal.AtLeast(1.2));
    }

    // The load generator only knows that an answer was an error; here it is seen which one.
    private static async Task SpendAsync(IotServer server, string key, HttpStatusCode status, CancellationToken cancellationToken)
    {
        using var client = ClientOf(server, key);
        for (var i = 0; i < 3; i++)
        {
            using var response = await client.PostAsJsonAsync("/measurement", new { device = "device-000000", fields = new { v = 1 } }, cancellationToken);
            if (response.StatusCode == status)
                return;
        }

        throw new InvalidOperationException($"The server does not answer {(int)status}.");
    }

    private static HttpClient ClientOf(IotServer server, string key)
    {
        var client = new HttpClient { BaseAddress = server.Address };
        client.DefaultRequestHeaders.Add("X-API-Key", key);
        return client;
    }
}
