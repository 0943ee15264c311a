using IotBackend.Application.Access;
using IotBackend.Application.Access.Blocks;
using IotBackend.Application.Access.RateLimits;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.Pipeline;

/// <summary>Asks the rate limiter for the cost that the request declares, and tells how the key fares. Without a limiter every tier is granted all.</summary>
public sealed class RateLimitBehavior<TRequest, TResponse>(
    ICallerContext context, IRateLimiter? limiter = null, IRateLimitObserver? observer = null, IKeyBehavior? behavior = null)
    : IPipelineBehavior<TRequest, TResponse>
    where TRequest : IRequest<TResponse>, IRateLimited
    where TResponse : IResult<TResponse>
{
    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        if (limiter is null || context.Caller is not { } caller)
            return await next();
        if (await limiter.AcquireAsync(caller, request.Cost, cancellationToken) is not { } decision)
            return await next();
        observer?.Observe(decision);
        if (decision.ToError() is not { } refusal)
        {
            behavior?.Granted(caller.KeyId);
            return await next();
        }

        if (refusal.Kind == ErrorKind.RateLimited)
            behavior?.Refused(caller.KeyId);
        return TResponse.Failure(refusal);
    }
}
