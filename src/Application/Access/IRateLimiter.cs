using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;

namespace IotBackend.Application.Access;

/// <summary>Counts what callers use of their tiers.</summary>
public interface IRateLimiter
{
    /// <summary>Takes the cost from what the caller's tier has left; <c>rate_limit_exceeded</c>, with nothing taken, when it is not enough.</summary>
    ValueTask<Error?> AcquireAsync(Caller caller, RequestCost cost, CancellationToken cancellationToken);
}
