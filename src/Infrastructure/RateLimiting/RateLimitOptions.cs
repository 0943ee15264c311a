using System.ComponentModel.DataAnnotations;
using IotBackend.Domain.Access;

namespace IotBackend.Infrastructure.RateLimiting;

/// <summary>Section <c>RateLimits</c>.</summary>
public sealed class RateLimitOptions : IValidatableObject
{
    public const string Section = "RateLimits";

    /// <summary>Tiers by name: what is set of a built-in one goes before its own; others are made by being named.</summary>
    public Dictionary<string, TierOptions> Tiers { get; } = new(StringComparer.Ordinal);

    /// <summary>The tiers without what was changed while the program ran, by name.</summary>
    public IReadOnlyDictionary<string, Tier> Defaults() =>
        Tier.BuiltIn.Select(tier => tier.Name).Union(Tiers.Keys).Select(Default).ToDictionary(tier => tier.Name, StringComparer.Ordinal);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        from entry in Tiers
        let wrong = Check(entry.Key, Default(entry.Key))
        where wrong is not null
        select new ValidationResult(wrong, [$"{nameof(Tiers)}:{entry.Key}"]);

    private Tier Default(string name)
    {
        var tier = Tier.BuiltIn.FirstOrDefault(tier => tier.Name == name) ?? new Tier(name, null, null, Tier.DefaultWindowSeconds, 0);
        return Tiers.TryGetValue(name, out var set)
            ? new Tier(name, set.Requests ?? tier.Requests, set.Measurements ?? tier.Measurements, set.WindowSeconds ?? tier.WindowSeconds, set.Burst ?? tier.Burst)
            : tier;
    }

    private static string? Check(string name, Tier tier) =>
        !Tier.IsName(name) ? $"A tier's name has 1 to {Tier.MaxNameLength} lower-case letters, digits, - and _."
        : name == Tier.Unlimited.Name && tier.HasLimits ? $"The tier '{name}' can not be given limits."
        : IsOutside(tier.Requests, 1) || IsOutside(tier.Measurements, 1) || IsOutside(tier.Burst, 0) ? $"Requests and Measurements are from 1, Burst from 0, to {Tier.MaxPerWindow}."
        : tier.WindowSeconds is < 1 or > Tier.MaxWindowSeconds ? $"WindowSeconds is from 1 to {Tier.MaxWindowSeconds}."
        : tier is { Burst: > 0, Measurements: null } ? "Burst needs Measurements: it is saved up from what they leave over."
        : null;

    private static bool IsOutside(long? value, long min) => value < min || value > Tier.MaxPerWindow;
}

/// <summary>What the configuration says of a tier; null: nothing, which is no limit for one that is not built in.</summary>
public sealed class TierOptions
{
    public const string Section = RateLimitOptions.Section + ":Tiers:<name>";

    public long? Requests { get; set; }

    public long? Measurements { get; set; }

    public int? WindowSeconds { get; set; }

    public long? Burst { get; set; }
}
