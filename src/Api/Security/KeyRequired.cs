using IotBackend.Api.Http;
using IotBackend.Domain.Results;
using Microsoft.AspNetCore.Authorization;

namespace IotBackend.Api.Security;

/// <summary>Refuses who has no valid key where one is needed. What a key may do is the pipeline's question.</summary>
internal sealed class KeyRequired(RequestDelegate next, ErrorWriter errors)
{
    private static readonly Error Missing = new(ErrorKind.Unauthenticated, ErrorCodes.MissingCredentials, "An API key is required: send it as X-API-Key, or as Authorization: Bearer.");

    /// <summary>Whether the endpoint asks for no key. An address or method that does not exist is not public.</summary>
    public static bool IsPublic(Endpoint? endpoint) => endpoint is RouteEndpoint
        && (endpoint.Metadata.GetMetadata<IAuthorizeData>() is null || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null);

    public Task InvokeAsync(HttpContext context, CallerContext callers) =>
        callers.Caller is null && context.GetEndpoint() is RouteEndpoint endpoint && !IsPublic(endpoint)
            ? errors.WriteAsync(context, callers.Refusal ?? Missing)
            : next(context);
}
