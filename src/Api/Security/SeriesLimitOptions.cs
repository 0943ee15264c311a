using System.Collections.Frozen;
using System.ComponentModel.DataAnnotations;
using IotBackend.Application.Access.SeriesLimits;

namespace IotBackend.Api.Security;

/// <summary>Section <c>SeriesLimits</c>: how much that was never seen before a key may bring within an hour.</summary>
public sealed class SeriesLimitOptions : IValidatableObject
{
    public const string Section = "SeriesLimits";

    private const long Most = 1_000_000_000;

    /// <summary>New devices an hour, of keys whose tier has no limit of its own here; 0: none.</summary>
    [Range(0L, Most)]
    public long NewDevicesPerHour { get; set; } = 1_000;

    /// <summary>New series an hour likewise; by default twenty for each new device.</summary>
    [Range(0L, Most)]
    public long NewSeriesPerHour { get; set; } = 20_000;

    /// <summary>Tiers by name; the tier <c>unlimited</c> has no limit.</summary>
    public Dictionary<string, TierSeriesLimitOptions> Tiers { get; } = new(StringComparer.Ordinal)
    {
        ["premium"] = new() { NewDevicesPerHour = 10_000, NewSeriesPerHour = 200_000 },
    };

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        from tier in Tiers
        where tier.Value.NewDevicesPerHour is < 0 or > Most || tier.Value.NewSeriesPerHour is < 0 or > Most
        select new ValidationResult($"Limits are from 0 to {Most}.", [$"{nameof(Tiers)}:{tier.Key}"]);

    internal SeriesLimitRules ToRules() => new(
        new SeriesLimit(NewDevicesPerHour, NewSeriesPerHour),
        Tiers.ToFrozenDictionary(
            tier => tier.Key,
            tier => new SeriesLimit(tier.Value.NewDevicesPerHour ?? NewDevicesPerHour, tier.Value.NewSeriesPerHour ?? NewSeriesPerHour),
            StringComparer.Ordinal));
}
