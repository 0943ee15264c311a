using IotBackend.Api.Http;
using IotBackend.Application.Access;
using IotBackend.Application.Access.Blocks;
using IotBackend.Application.Access.RateLimits;
using IotBackend.Domain.Access;
using Microsoft.AspNetCore.Authorization;

namespace IotBackend.Api.Security;

/// <summary>
/// Refuses a key that has no request left before its body is read, so that a flood costs less than the work that it asks for (benchmark P11).
/// Takes nothing: that is the pipeline's part, where the cost is known.
/// </summary>
internal sealed class RateLimitGate(RequestDelegate next, IRateLimiter limiter, IKeyBehavior behavior, ErrorWriter errors)
{
    // Without a state machine of its own where the answer is there at once, as it is from memory (benchmark P14).
    public Task InvokeAsync(HttpContext context, CallerContext callers, RateLimitHeaders headers)
    {
        if (callers.Caller is not { } caller)
            return next(context);
        var look = limiter.LookAsync(caller, context.RequestAborted);
        return look.IsCompletedSuccessfully ? GoOnAsync(context, caller, headers, look.Result) : WaitAsync(context, caller, headers, look);
    }

    private async Task WaitAsync(HttpContext context, Caller caller, RateLimitHeaders headers, ValueTask<RateLimitDecision?> look) =>
        await GoOnAsync(context, caller, headers, await look);

    private Task GoOnAsync(HttpContext context, Caller caller, RateLimitHeaders headers, RateLimitDecision? look)
    {
        if (look is null)
            return next(context);
        headers.Attach(context.Response, look);
        var needsKey = context.GetEndpoint()?.Metadata is { } metadata
            && metadata.GetMetadata<IAuthorizeData>() is not null && metadata.GetMetadata<IAllowAnonymous>() is null;
        if (needsKey && look.ToError() is { } refusal)
        {
            behavior.Refused(caller.KeyId);
            return errors.WriteAsync(context, refusal);
        }

        // What needs no key goes through no rate limit that would write them.
        if (!needsKey)
            headers.Write();
        return next(context);
    }
}
