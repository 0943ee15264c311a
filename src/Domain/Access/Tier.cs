namespace IotBackend.Domain.Access;

/// <summary>How much a key may send in a sliding window.</summary>
/// <param name="Name">As <see cref="IsName"/> allows it.</param>
/// <param name="Requests">Requests a window, from 1; null: no limit.</param>
/// <param name="Measurements">Measurements a window, from 1; null: no limit.</param>
/// <param name="WindowSeconds">Length of the window.</param>
/// <param name="Burst">Measurements that may be saved up beyond a window's while the key is idle; 0: none. Needs a limit of measurements.</param>
public sealed record Tier(string Name, long? Requests, long? Measurements, int WindowSeconds, long Burst)
{
    public const int MaxNameLength = 64;

    /// <summary>The most requests, measurements and burst. Together with the longest window, what is counted fits into 53 bits.</summary>
    public const long MaxPerWindow = 1_000_000_000;

    public const int MaxWindowSeconds = 3_600;

    public const int DefaultWindowSeconds = 60;

    public static Tier Standard { get; } = new("standard", 100, 10_000, DefaultWindowSeconds, 0);

    public static Tier Premium { get; } = new("premium", 1_000, 200_000, DefaultWindowSeconds, 0);

    public static Tier Unlimited { get; } = new("unlimited", null, null, DefaultWindowSeconds, 0);

    /// <summary>The tiers that always exist.</summary>
    public static IReadOnlyList<Tier> BuiltIn { get; } = [Standard, Premium, Unlimited];

    public bool HasLimits => Requests is not null || Measurements is not null;

    /// <summary>Requests that may be saved up: as many in proportion as measurements, rounded up.</summary>
    public long RequestBurst => Requests is { } requests && Measurements is { } measurements
        ? Math.Min(MaxPerWindow, ((Burst * requests) + measurements - 1) / measurements)
        : 0;

    /// <summary>True for 1–64 lower-case letters of ASCII, digits and <c>- _</c>.</summary>
    public static bool IsName(string text) =>
        text.Length is > 0 and <= MaxNameLength && text.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '-' or '_');
}
