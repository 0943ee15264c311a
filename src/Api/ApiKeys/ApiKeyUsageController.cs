using IotBackend.Api.Formats;
using IotBackend.Api.Http;
using IotBackend.Api.Http.OpenApi;
using IotBackend.Application.ApiKeys;
using IotBackend.Domain.Measurements;
using MediatR;
using Microsoft.AspNetCore.Mvc;

namespace IotBackend.Api.ApiKeys;

/// <summary>What keys use.</summary>
[ApiController]
[Tags("API keys")]
[Route(ApiKeyRequests.Path)]
public sealed class ApiKeyUsageController(IMediator mediator, TimeProvider time) : ControllerBase
{
    /// <summary>What a key used by hour and by day, up to this moment, the newest first.</summary>
    [AcceptVerbs("GET", "HEAD", Route = "{id}/usage")]
    [QueryParameter("from", "Hours and days that begin then or later: RFC 3339, Unix milliseconds, 'now' or relative such as -7d. Default: the last 48 hours and 31 days.")]
    [QueryParameter("to", "Hours and days that begin before. Default now.")]
    [ProducesResponseType<ApiKeyUsageDocument>(StatusCodes.Status200OK, "application/json")]
    [RefusesWith(400, 401, 403, 404, 406, 429, 503)]
    public async Task<IActionResult> ReadApiKeyUsage(string id, CancellationToken cancellationToken)
    {
        var result = await mediator.Send(QueryOf(id), cancellationToken);
        if (result.Error is { } error)
            return new ErrorResult(error);
        Response.Headers.CacheControl = "no-store";
        using var body = new JsonBody();
        ApiKeyUsageJson.Write(body.Writer, result.Value);
        await body.SendAsync(Response, JsonBody.MediaType, cancellationToken);
        return new EmptyResult();
    }

    private ReadApiKeyUsage QueryOf(string id)
    {
        var parameters = new QueryParameters(Request.Query);
        parameters.RefuseUnknown(["from", "to"]);
        var now = Timestamp.From(time.GetUtcNow());
        var query = new ReadApiKeyUsage(id, parameters.Time("from", now), parameters.Time("to", now));
        return query with { ParseError = ApiKeyRequests.RefuseUnlessId(id) ?? parameters.ToError() ?? AcceptHeader.RefuseUnlessJson(Request) };
    }
}
