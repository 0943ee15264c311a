using IotBackend.Api.Http;
using IotBackend.Application.Access;
using IotBackend.Application.Access.Blocks;
using IotBackend.Application.Access.RateLimits;
using IotBackend.Application.Pipeline;

namespace IotBackend.Api.Security;

/// <summary>
/// Refuses a key that has no request left before its body is read, so that a flood costs less than the work that it asks for (benchmark P11).
/// Takes nothing where the pipeline does, which knows the cost; what never gets there, because there is no such address or method, costs a request here.
/// </summary>
internal sealed class RateLimitGate(RequestDelegate next, IRateLimiter limiter, IKeyBehavior behavior, ErrorWriter errors)
{
    // Without a state machine of its own where the answer is there at once, as it is from memory (benchmark P14).
    public Task InvokeAsync(HttpContext context, CallerContext callers, RateLimitHeaders headers)
    {
        if (callers.Recognised is not { } caller)
            return next(context);
        var isPipelines = callers.Caller is not null && context.GetEndpoint() is RouteEndpoint;
        var decision = isPipelines || callers.Caller is null
            ? limiter.LookAsync(caller, context.RequestAborted)
            : limiter.AcquireAsync(caller, RequestCost.OneRequest, context.RequestAborted);
        return decision.IsCompletedSuccessfully ? GoOnAsync(context, callers, headers, decision.Result) : WaitAsync(context, callers, headers, decision);
    }

    private async Task WaitAsync(HttpContext context, CallerContext callers, RateLimitHeaders headers, ValueTask<RateLimitDecision?> decision) =>
        await GoOnAsync(context, callers, headers, await decision);

    private Task GoOnAsync(HttpContext context, CallerContext callers, RateLimitHeaders headers, RateLimitDecision? decision)
    {
        headers.Attach(context.Response, decision);
        if (decision is null)
            return next(context);

        // A blocked key is told that it is; and what needs no key takes no notice of one.
        if (callers.Caller is { } caller && !KeyRequired.IsPublic(context.GetEndpoint()) && decision.ToError() is { } refusal)
        {
            behavior.Refused(caller.KeyId);
            return errors.WriteAsync(context, refusal);
        }

        // What goes through no pipeline has nobody else to write them.
        if (KeyRequired.IsPublic(context.GetEndpoint()))
            headers.Write();
        return next(context);
    }
}
