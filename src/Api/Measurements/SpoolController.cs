using IotBackend.Api.Formats;
using IotBackend.Api.Http;
using IotBackend.Api.Http.OpenApi;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Results;
using MediatR;
using Microsoft.AspNetCore.Mvc;

namespace IotBackend.Api.Measurements;

/// <summary>The spool: measurements that wait on local disk for the database, and those that it refused. 404 for a store that needs none.</summary>
[ApiController]
[Tags("Spool")]
[Route("admin/spool")]
public sealed class SpoolController(IMediator mediator) : ControllerBase
{
    /// <summary>How much waits, since when, and how much was refused, of all buckets.</summary>
    [AcceptVerbs("GET", "HEAD", Route = "")]
    [ProducesResponseType<SpoolDocument>(StatusCodes.Status200OK, "application/json")]
    [RefusesWith(400, 401, 403, 404, 406, 429)]
    public async Task<IActionResult> ReadSpool(CancellationToken cancellationToken)
    {
        var result = await mediator.Send(new SpoolRequests(Request).Read(), cancellationToken);
        if (result.Error is { } error)
            return new ErrorResult(error);
        using var body = new JsonBody();
        SpoolJson.Write(body.Writer, result.Value);
        return await SendAsync(body, cancellationToken);
    }

    /// <summary>What the database refused for good, of the buckets that the key may use, oldest first.</summary>
    [AcceptVerbs("GET", "HEAD", Route = "refused")]
    [QueryParameter("limit", "Entries a page; default 100.", Maximum = ListRefusedMeasurements.MaxLimit)]
    [QueryParameter("cursor", "nextCursor of the previous page.")]
    [ProducesResponseType<RefusedPageDocument>(StatusCodes.Status200OK, "application/json")]
    [RefusesWith(400, 401, 403, 404, 406, 429, 503)]
    public async Task<IActionResult> ListRefused(CancellationToken cancellationToken)
    {
        var result = await mediator.Send(new SpoolRequests(Request).List(), cancellationToken);
        if (result.Error is { } error)
            return new ErrorResult(error);
        using var body = new JsonBody();
        SpoolJson.Write(body.Writer, result.Value);
        return await SendAsync(body, cancellationToken);
    }

    /// <summary>Puts refused measurements at the end of the queue again.</summary>
    [HttpPost("refused/{id:long}/replay")]
    [ProducesResponseType<RefusedOutcomeDocument>(StatusCodes.Status202Accepted, "application/json")]
    [RefusesWith(400, 401, 403, 404, 429, 503)]
    public async Task<IActionResult> ReplayRefused(long id, CancellationToken cancellationToken) =>
        await QueuedAsync(await mediator.Send(new SpoolRequests(Request).Replay(id), cancellationToken), cancellationToken);

    /// <summary>Puts all refused measurements of the buckets that the key may use at the end of the queue again.</summary>
    [HttpPost("replay")]
    [ProducesResponseType<RefusedOutcomeDocument>(StatusCodes.Status202Accepted, "application/json")]
    [RefusesWith(400, 401, 403, 404, 429, 503)]
    public async Task<IActionResult> ReplayAllRefused(CancellationToken cancellationToken) =>
        await QueuedAsync(await mediator.Send(new SpoolRequests(Request).Replay(null), cancellationToken), cancellationToken);

    /// <summary>Forgets refused measurements for ever.</summary>
    [HttpDelete("refused/{id:long}")]
    [ProducesResponseType<RefusedOutcomeDocument>(StatusCodes.Status200OK, "application/json")]
    [RefusesWith(400, 401, 403, 404, 429, 503)]
    public async Task<IActionResult> DiscardRefused(long id, CancellationToken cancellationToken)
    {
        var result = await mediator.Send(new SpoolRequests(Request).Discard(id), cancellationToken);
        if (result.Error is { } error)
            return new ErrorResult(error);
        using var body = new JsonBody();
        SpoolJson.Write(body.Writer, "discarded"u8, result.Value);
        return await SendAsync(body, cancellationToken);
    }

    private async Task<IActionResult> QueuedAsync(Result<long> result, CancellationToken cancellationToken)
    {
        if (result.Error is { } error)
            return new ErrorResult(error);
        Response.StatusCode = StatusCodes.Status202Accepted;
        using var body = new JsonBody();
        SpoolJson.Write(body.Writer, "queued"u8, result.Value);
        return await SendAsync(body, cancellationToken);
    }

    private async Task<IActionResult> SendAsync(JsonBody body, CancellationToken cancellationToken)
    {
        Response.Headers.CacheControl = "no-store";
        await body.SendAsync(Response, JsonBody.MediaType, cancellationToken);
        return new EmptyResult();
    }
}
