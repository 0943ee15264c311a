namespace IotBackend.Domain.Access;

/// <summary>How much a key may send in a sliding window.</summary>
/// <param name="Name">1–64 lower-case letters, digits and <c>- _</c>, beginning with a letter.</param>
/// <param name="Requests">Requests a window; null: no limit.</param>
/// <param name="Measurements">Measurements a window; null: no limit.</param>
/// <param name="WindowSeconds">Length of the window.</param>
/// <param name="Burst">Measurements that may be saved up beyond a window's while the key is idle; 0: none.</param>
public sealed record Tier(string Name, long? Requests, long? Measurements, int WindowSeconds, long Burst)
{
    public static Tier Standard { get; } = new("standard", 100, 10_000, 60, 0);

    public static Tier Premium { get; } = new("premium", 1_000, 200_000, 60, 0);

    public static Tier Unlimited { get; } = new("unlimited", null, null, 60, 0);

    /// <summary>The tiers that always exist.</summary>
    public static IReadOnlyList<Tier> BuiltIn { get; } = [Standard, Premium, Unlimited];
}
