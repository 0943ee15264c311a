using IotBackend.Api.Formats;
using IotBackend.Api.Http;
using IotBackend.Api.Http.OpenApi;
using IotBackend.Domain.Results;
using MediatR;
using Microsoft.AspNetCore.Mvc;

namespace IotBackend.Api.Access;

/// <summary>Addresses and keys that are kept out, by hand or by a rule.</summary>
[ApiController]
[Tags("Blocks")]
[Route(BlockRequests.Path)]
public sealed class BlocksController(IMediator mediator, TimeProvider time) : ControllerBase
{
    private BlockRequests Requests => new(Request, time.GetUtcNow());

    /// <summary>The blocks that hold now, the newest first.</summary>
    [AcceptVerbs("GET", "HEAD", Route = "")]
    [QueryParameter("kind", "Only of this kind.", Values = ["address", "key"])]
    [QueryParameter("limit", "Blocks a page; default 100.", Maximum = Application.Access.Blocks.ListBlocks.MaxLimit)]
    [QueryParameter("cursor", "nextCursor of the previous page.")]
    [ProducesResponseType<BlockPageDocument>(StatusCodes.Status200OK, "application/json")]
    [RefusesWith(400, 401, 403, 406, 429)]
    public async Task<IActionResult> ListBlocks(CancellationToken cancellationToken)
    {
        var result = await mediator.Send(Requests.List(), cancellationToken);
        if (result.Error is { } error)
            return new ErrorResult(error);
        using var body = new JsonBody();
        BlockJson.Write(body.Writer, result.Value);
        return await SendAsync(body, cancellationToken);
    }

    /// <summary>Keeps an address, a network or a key out, at once. One's own is refused.</summary>
    [HttpPost("")]
    [JsonRequestBody(typeof(BlockValuesDocument))]
    [ProducesResponseType<BlockDocument>(StatusCodes.Status201Created, "application/json")]
    [RefusesWith(400, 401, 403, 404, 408, 409, 413, 415, 429, 503)]
    public async Task<IActionResult> CreateBlock(CancellationToken cancellationToken)
    {
        var result = await mediator.Send(await Requests.CreateAsync(cancellationToken), cancellationToken);
        if (result.IsSuccess)
            Response.StatusCode = StatusCodes.Status201Created;
        return await SendAsync(result, cancellationToken);
    }

    /// <summary>Lets in again, at once.</summary>
    [HttpDelete("{id}")]
    [ProducesResponseType<BlockDocument>(StatusCodes.Status200OK, "application/json")]
    [RefusesWith(400, 401, 403, 404, 429, 503)]
    public async Task<IActionResult> LiftBlock(string id, CancellationToken cancellationToken) =>
        await SendAsync(await mediator.Send(Requests.Lift(id), cancellationToken), cancellationToken);

    private async Task<IActionResult> SendAsync(Result<Application.Access.Blocks.Block> result, CancellationToken cancellationToken)
    {
        if (result.Error is { } error)
            return new ErrorResult(error);
        using var body = new JsonBody();
        BlockJson.Write(body.Writer, result.Value);
        return await SendAsync(body, cancellationToken);
    }

    private async Task<IActionResult> SendAsync(JsonBody body, CancellationToken cancellationToken)
    {
        Response.Headers.CacheControl = "no-store";
        await body.SendAsync(Response, JsonBody.MediaType, cancellationToken);
        return new EmptyResult();
    }
}
