using IotBackend.Application.Access;
using IotBackend.Application.Access.Blocks;
using IotBackend.Application.Access.RateLimits;
using IotBackend.Domain.Access;
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
    // Without a state machine of its own where the answer is there at once, as it is from memory (benchmark P14).
    public Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        if (limiter is null || context.Caller is not { } caller)
            return next();
        var decision = limiter.AcquireAsync(caller, request.Cost, cancellationToken);
        return decision.IsCompletedSuccessfully ? GoOnAsync(caller, decision.Result, next) : WaitAsync(caller, decision, next);
    }

    private async Task<TResponse> WaitAsync(Caller caller, ValueTask<RateLimitDecision?> decision, RequestHandlerDelegate<TResponse> next) =>
        await GoOnAsync(caller, await decision, next);

    private Task<TResponse> GoOnAsync(Caller caller, RateLimitDecision? decision, RequestHandlerDelegate<TResponse> next)
    {
        if (decision is null)
            return next();
        observer?.Observe(decision);
        if (decision.ToError() is not { } refusal)
        {
            behavior?.Granted(caller.KeyId);
            return next();
        }

        if (refusal.Kind == ErrorKind.RateLimited)
            behavior?.Refused(caller.KeyId);
        return Task.FromResult(TResponse.Failure(refusal));
    }
}
