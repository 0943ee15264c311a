using IotBackend.Application.Access.RateLimits;
using IotBackend.Domain.Access;

namespace IotBackend.Infrastructure.RateLimiting;

/// <summary>The tiers that always exist.</summary>
internal sealed class BuiltInTiers : ITiers
{
    public Tier? Find(string name) => Tier.BuiltIn.FirstOrDefault(tier => tier.Name == name);
}
