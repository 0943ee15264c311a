using System.Globalization;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;

namespace IotBackend.Application.Access.RateLimits;

/// <summary>What the use cases about tiers share: what a version is, and the words of refusals.</summary>
public static class TierAccess
{
    internal const string AuditKind = "tier";

    internal static readonly Error ChangedMeanwhile =
        new(ErrorKind.Conflict, ErrorCodes.Conflict, "The tier was changed by somebody else at the same moment: read it again.");

    private static readonly Error IsAnother =
        new(ErrorKind.PreconditionFailed, ErrorCodes.PreconditionFailed, "The tier is not in the state that the request names: read it again.");

    /// <summary>A text that changes whenever the tier does.</summary>
    public static string VersionOf(Tier tier) => string.Create(
        CultureInfo.InvariantCulture, $"{tier.Requests}.{tier.Measurements}.{tier.WindowSeconds}.{tier.Burst}");

    /// <summary>A tier as the audit log has it; null when there is none.</summary>
    internal static object? Describe(Tier? tier) => tier is null ? null : new { tier.Requests, tier.Measurements, tier.WindowSeconds, tier.Burst };

    internal static Error NotFound(string name) => new(ErrorKind.NotFound, ErrorCodes.NotFound, $"There is no tier '{name}'.");

    /// <summary>Null when the tier is as the caller asks it to be; null as tier: there is none.</summary>
    internal static Error? Check(this Precondition precondition, Tier? tier) => precondition.Kind switch
    {
        PreconditionKind.Exists when tier is null => IsAnother,
        PreconditionKind.IsNew when tier is not null => IsAnother,
        PreconditionKind.IsOneOf when tier is null || !precondition.Versions.Contains(VersionOf(tier)) => IsAnother,
        _ => null,
    };
}
