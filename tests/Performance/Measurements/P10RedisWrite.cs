using IotBackend.Performance.Report;
using IotBackend.Performance.Servers;

namespace IotBackend.Performance.Measurements;

/// <summary>
/// P1 with a key whose requests and measurements are limited, with Redis on (limiter, cache and backplane) and without. The limits are
/// never reached: what is measured is asking.
/// </summary>
internal sealed class P10RedisWrite : IBenchmark
{
    private const string Tier = "bench";

    private static readonly string[] Limits =
    [
        $"--RateLimits:Tiers:{Tier}:Requests", "1000000", $"--RateLimits:Tiers:{Tier}:Measurements", "1000000", $"--RateLimits:Tiers:{Tier}:WindowSeconds", "1",
    ];

    public string Id => "P10";

    public async Task<IReadOnlyList<Row>> RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        using var folder = bench.NewFolder();
        using var aloneFolder = bench.NewFolder();
        using var redisFolder = bench.NewFolder();
        await using var redis = await RedisServer.StartAsync(redisFolder.Path, cancellationToken);
        await using var server = await IotServer.StartAsync(folder.Path, [.. Limits, "--Redis:Configuration", redis.Configuration], cancellationToken);
        await using var alone = await IotServer.StartAsync(aloneFolder.Path, Limits, cancellationToken);
        var (key, aloneKey) = (await server.CreateKeyAsync(Tier, cancellationToken), await alone.CreateKeyAsync(Tier, cancellationToken));
        var (with, without) = await bench.SideBySideAsync(
            duration => Bench.SingleWritesAsync(server.Address, key, Bench.Devices, duration, cancellationToken),
            duration => Bench.SingleWritesAsync(alone.Address, aloneKey, Bench.Devices, duration, cancellationToken));
        return [Row.Ratio(Id, "P1 with limits, Redis on", "the same without Redis", "req/s", with, without, Goal.AtLeast(0.70))];
    }
}
