using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;

namespace IotBackend.Api.Security;

/// <summary>
/// Refuses who has no valid key where one is needed. What a key may do is the pipeline's question; so the framework's policies, which would only
/// ask this, are left out of the way of every request (benchmarks P1 and P14).
/// </summary>
internal sealed class KeyRequired(RequestDelegate next)
{
    /// <summary>Whether the endpoint asks for no key. An address or method that does not exist is not public.</summary>
    public static bool IsPublic(Endpoint? endpoint) => endpoint is RouteEndpoint
        && (endpoint.Metadata.GetMetadata<IAuthorizeData>() is null || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null);

    public Task InvokeAsync(HttpContext context, CallerContext callers) =>
        callers.Caller is null && context.GetEndpoint() is RouteEndpoint endpoint && !IsPublic(endpoint) ? context.ChallengeAsync() : next(context);
}
