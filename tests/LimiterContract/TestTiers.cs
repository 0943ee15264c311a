using IotBackend.Application.Access;
using IotBackend.Application.Access.RateLimits;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;

namespace IotBackend.LimiterContract;

/// <summary>Tiers that a test sets, without a store behind them.</summary>
internal sealed class TestTiers(params Tier[] tiers) : ITiers
{
    private readonly Dictionary<string, Tier> _tiers = tiers.ToDictionary(tier => tier.Name);

    public Tier? Find(string name) => _tiers.GetValueOrDefault(name);

    public IReadOnlyList<Tier> List() => [.. _tiers.Values.OrderBy(tier => tier.Name, StringComparer.Ordinal)];

    public Tier? FindDefault(string name) => Tier.BuiltIn.FirstOrDefault(tier => tier.Name == name);

    public void Set(Tier tier) => _tiers[tier.Name] = tier;

    public Task ReplaceAsync(string name, Tier? stored, CancellationToken cancellationToken)
    {
        if (stored is null)
            _tiers.Remove(name);
        else
            Set(stored);
        return Task.CompletedTask;
    }

    public static Caller Caller(string tier, string keyId = "0123456789AB") => new(keyId, "test", Scopes.Admin, tier, [], DeviceSet.All, []);
}

internal static class RateLimiterCalls
{
    /// <summary>Asks for so much; always with one request.</summary>
    public static async Task<RateLimitDecision> TakeAsync(this IRateLimiter limiter, Caller caller, int measurements = 0) =>
        (await limiter.AcquireAsync(caller, new RequestCost(1, measurements), CancellationToken.None))!;
}
