namespace IotBackend.Application.Access.RateLimits;

/// <summary>Is told what was decided about the current request; the edge tells it to the client.</summary>
public interface IRateLimitObserver
{
    void Observe(RateLimitDecision decision);
}
