using IotBackend.Performance.Load;
using IotBackend.Performance.Report;
using IotBackend.Performance.Servers;

namespace IotBackend.Performance.Measurements;

/// <summary>P1 with a key whose limit is counted in Redis, with all else that Redis brings, against the same counted in the process.</summary>
internal sealed class P10RedisWrite : IBenchmark
{
    private const string Tier = "wide";
    private const long Requests = 1_000_000_000;

    public string Id => "P10";

    public async Task<IReadOnlyList<Row>> RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        using var redisFolder = bench.NewFolder();
        using var withFolder = bench.NewFolder();
        using var withoutFolder = bench.NewFolder();
        await using var redis = await RedisServer.StartAsync(redisFolder.Path, cancellationToken);
        string[] tier = [$"--RateLimits:Tiers:{Tier}:Requests", Requests.ToString(Invariant)];
        await using var with = await IotServer.StartAsync(withFolder.Path, [.. tier, "--Redis:Configuration", redis.Configuration], cancellationToken);
        await using var without = await IotServer.StartAsync(withoutFolder.Path, tier, cancellationToken);
        var (withKey, withoutKey) = (await LimitedKey.MakeAsync(with, Tier, cancellationToken), await LimitedKey.MakeAsync(without, Tier, cancellationToken));
        var (ours, theirs) = await bench.SideBySideAsync(
            duration => Bench.SingleWritesAsync(with.Address, withKey, Bench.Devices, duration, cancellationToken),
            duration => Bench.SingleWritesAsync(without.Address, withoutKey, Bench.Devices, duration, cancellationToken));
        return [Row.Ratio(Id, "P1 with a limit, counted in Redis", "counted in the process", "req/s", ours, theirs, Goal.AtLeast(0.70))];
    }
}
