using IotBackend.Api.Formats;
using IotBackend.Api.Http;
using IotBackend.Api.Http.OpenApi;
using MediatR;
using Microsoft.AspNetCore.Mvc;

namespace IotBackend.Api.Caching;

/// <summary>Emptying and filling the cache.</summary>
[ApiController]
[Tags("Cache")]
[Route(CacheRequests.Path)]
public sealed class CacheController(IMediator mediator) : ControllerBase
{
    /// <summary>Forgets answers on every node: all, or what depends on devices or buckets.</summary>
    [HttpPost("purge")]
    [JsonRequestBody(typeof(PurgeDocument))]
    [ProducesResponseType<PurgedDocument>(StatusCodes.Status200OK, "application/json")]
    [RefusesWith(400, 401, 403, 408, 413, 415, 429, 503)]
    public async Task<IActionResult> Purge(CancellationToken cancellationToken)
    {
        var command = await new CacheRequests(Request).PurgeAsync(cancellationToken);
        var result = await mediator.Send(command, cancellationToken);
        if (result.Error is { } error)
            return new ErrorResult(error);
        using var body = new JsonBody();
        CacheJson.Write(body.Writer, command, result.Value);
        return await SendAsync(body, cancellationToken);
    }

    /// <summary>Asks the most asked queries again, or those that are listed, so that their answers are there.</summary>
    [HttpPost("warm")]
    [JsonRequestBody(typeof(WarmDocument))]
    [ProducesResponseType<WarmedDocument>(StatusCodes.Status200OK, "application/json")]
    [RefusesWith(400, 401, 403, 408, 413, 415, 429, 503)]
    public async Task<IActionResult> Warm(CancellationToken cancellationToken)
    {
        var result = await mediator.Send(await new CacheRequests(Request).WarmAsync(cancellationToken), cancellationToken);
        if (result.Error is { } error)
            return new ErrorResult(error);
        using var body = new JsonBody();
        CacheJson.Write(body.Writer, result.Value);
        return await SendAsync(body, cancellationToken);
    }

    private async Task<IActionResult> SendAsync(JsonBody body, CancellationToken cancellationToken)
    {
        Response.Headers.CacheControl = "no-store";
        await body.SendAsync(Response, JsonBody.MediaType, cancellationToken);
        return new EmptyResult();
    }
}
