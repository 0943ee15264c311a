using IotBackend.Domain.Access;

namespace IotBackend.Application.Access.RateLimits;

/// <summary>The tiers as they are now, in memory: asked at every request.</summary>
public interface ITiers
{
    /// <summary>The tier of this name, or null.</summary>
    Tier? Find(string name);

    /// <summary>All tiers, ordered by the bytes of their names.</summary>
    IReadOnlyList<Tier> List();

    /// <summary>The tier of this name as the program or its configuration has it, whatever was changed since; null when there is none there.</summary>
    Tier? FindDefault(string name);

    /// <summary>Makes what was stored hold on this node at once.</summary>
    /// <param name="name">The name of the tier.</param>
    /// <param name="stored">The tier as it is stored now; null when it is not stored any more.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task ReplaceAsync(string name, Tier? stored, CancellationToken cancellationToken);
}
