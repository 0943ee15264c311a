using IotBackend.Api.Http;
using IotBackend.Application.Access;
using Microsoft.AspNetCore.Authorization;

namespace IotBackend.Api.Security;

/// <summary>
/// Refuses a key that has no request left before its body is read, so that a flood costs less than the work that it asks for (benchmark P11).
/// Takes nothing: that is the pipeline's part, where the cost is known.
/// </summary>
internal sealed class RateLimitGate(RequestDelegate next, IRateLimiter limiter, ErrorWriter errors)
{
    public async Task InvokeAsync(HttpContext context, CallerContext callers, RateLimitHeaders headers)
    {
        if (callers.Caller is not { } caller || await limiter.LookAsync(caller, context.RequestAborted) is not { } look)
        {
            await next(context);
            return;
        }

        headers.Attach(context.Response, look);
        var needsKey = context.GetEndpoint()?.Metadata is { } metadata
            && metadata.GetMetadata<IAuthorizeData>() is not null && metadata.GetMetadata<IAllowAnonymous>() is null;
        if (needsKey && look.ToError() is { } refusal)
        {
            await errors.WriteAsync(context, refusal);
            return;
        }

        // What needs no key goes through no rate limit that would write them.
        if (!needsKey)
            headers.Write();
        await next(context);
    }
}
