using IotBackend.Domain.Access;

namespace IotBackend.Application.Access.RateLimits;

/// <summary>The tiers as they are now, in memory: asked at every request.</summary>
public interface ITiers
{
    /// <summary>The tier of this name, or null.</summary>
    Tier? Find(string name);
}
