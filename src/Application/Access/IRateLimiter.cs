using IotBackend.Application.Access.RateLimits;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;

namespace IotBackend.Application.Access;

/// <summary>Counts what callers use of their tiers. What is refused is not counted.</summary>
public interface IRateLimiter
{
    /// <summary>Takes the cost from what the caller's tier has left, when it is enough. Null when the tier has no limits.</summary>
    ValueTask<RateLimitDecision?> AcquireAsync(Caller caller, RequestCost cost, CancellationToken cancellationToken);

    /// <summary>Tells what would become of a single request, and takes nothing. Null when the tier has no limits.</summary>
    ValueTask<RateLimitDecision?> LookAsync(Caller caller, CancellationToken cancellationToken);
}
