using System.Collections.Frozen;
using IotBackend.Domain.Access;

namespace IotBackend.Application.Access.SeriesLimits;

/// <summary>Which limit the keys of a tier have.</summary>
/// <param name="Default">That of tiers that have none of their own.</param>
/// <param name="OfTiers">Those of single tiers, by name.</param>
public sealed record SeriesLimitRules(SeriesLimit Default, FrozenDictionary<string, SeriesLimit> OfTiers)
{
    /// <summary>Null for the tier that is never limited.</summary>
    public SeriesLimit? Of(string tier) => tier == Tier.Unlimited.Name ? null : OfTiers.GetValueOrDefault(tier) ?? Default;
}
