namespace IotBackend.Application.Pipeline;

/// <summary>A request that counts against the limits of its caller's tier. Read by <see cref="RateLimitBehavior{TRequest,TResponse}"/>.</summary>
public interface IRateLimited
{
    RequestCost Cost { get; }
}

/// <summary>What a request costs: itself, and the measurements that it brings, good and bad.</summary>
public readonly record struct RequestCost(int Requests, int Measurements)
{
    public static RequestCost OneRequest { get; } = new(1, 0);
}
