using IotBackend.Api.Formats;
using IotBackend.Api.Http;
using IotBackend.Api.Http.OpenApi;
using IotBackend.Application.Access.RateLimits;
using IotBackend.Domain.Access;
using MediatR;
using Microsoft.AspNetCore.Mvc;

namespace IotBackend.Api.Access;

/// <summary>Tiers: how much the keys of each may send.</summary>
[ApiController]
[Tags("Tiers")]
[Route(TierRequests.Path)]
public sealed class TiersController(IMediator mediator) : ControllerBase
{
    /// <summary>The tiers, by name.</summary>
    [AcceptVerbs("GET", "HEAD", Route = "")]
    [QueryParameter("limit", "Tiers a page; default 100.", Maximum = Application.Access.RateLimits.ListTiers.MaxLimit)]
    [QueryParameter("cursor", "nextCursor of the previous page.")]
    [ProducesResponseType<TierPageDocument>(StatusCodes.Status200OK, "application/json")]
    [RefusesWith(400, 401, 403, 406, 429, 503)]
    public async Task<IActionResult> ListTiers(CancellationToken cancellationToken)
    {
        var result = await mediator.Send(new TierRequests(Request).List(), cancellationToken);
        if (result.Error is { } error)
            return new ErrorResult(error);
        var page = result.Value;
        using var body = new JsonBody();
        TierJson.Write(body.Writer, page, page.HasMore ? TierCursor.Encode(page.Items[^1]) : null);
        return await SendAsync(body, cancellationToken);
    }

    /// <summary>One tier.</summary>
    [AcceptVerbs("GET", "HEAD", Route = "{name}")]
    [ProducesResponseType<TierDocument>(StatusCodes.Status200OK, "application/json")]
    [RefusesWith(400, 401, 403, 404, 406, 429, 503)]
    public async Task<IActionResult> ReadTier(string name, CancellationToken cancellationToken)
    {
        var result = await mediator.Send(new TierRequests(Request).Read(name), cancellationToken);
        return result.Error is { } error ? new ErrorResult(error) : await SendAsync(result.Value, cancellationToken);
    }

    /// <summary>Makes a tier, or replaces the limits of one; they hold without a restart.</summary>
    [HttpPut("{name}")]
    [JsonRequestBody(typeof(TierLimitsDocument))]
    [ConditionalChange]
    [ProducesResponseType<TierDocument>(StatusCodes.Status200OK, "application/json")]
    [ProducesResponseType<TierDocument>(StatusCodes.Status201Created, "application/json")]
    [RefusesWith(400, 401, 403, 408, 409, 412, 413, 415, 429, 503)]
    public async Task<IActionResult> SaveTier(string name, CancellationToken cancellationToken)
    {
        var result = await mediator.Send(await new TierRequests(Request).SaveAsync(name, cancellationToken), cancellationToken);
        if (result.Error is { } error)
            return new ErrorResult(error);
        if (result.Value.IsNew)
        {
            Response.StatusCode = StatusCodes.Status201Created;
            Response.Headers.Location = TierRequests.AddressOf(result.Value.Tier);
        }

        return await SendAsync(result.Value.Tier, cancellationToken);
    }

    /// <summary>Deletes a tier that no key has. One that is built in or configured goes back to what it is there.</summary>
    [HttpDelete("{name}")]
    [ConditionalChange]
    [ProducesResponseType<TierDeletedDocument>(StatusCodes.Status200OK, "application/json")]
    [RefusesWith(400, 401, 403, 404, 409, 412, 429, 503)]
    public async Task<IActionResult> DeleteTier(string name, CancellationToken cancellationToken)
    {
        var result = await mediator.Send(new TierRequests(Request).Delete(name), cancellationToken);
        if (result.Error is { } error)
            return new ErrorResult(error);
        using var body = new JsonBody();
        body.Writer.WriteStartObject();
        body.Writer.WriteString("status"u8, result.Value.Now is null ? "deleted"u8 : "reset"u8);
        body.Writer.WriteString("name"u8, result.Value.Name);
        body.Writer.WriteEndObject();
        return await SendAsync(body, cancellationToken);
    }

    private async Task<IActionResult> SendAsync(Tier tier, CancellationToken cancellationToken)
    {
        Response.Headers.ETag = PreconditionHeaders.ETagOf(TierAccess.VersionOf(tier));
        using var body = new JsonBody();
        TierJson.Write(body.Writer, tier);
        return await SendAsync(body, cancellationToken);
    }

    private async Task<IActionResult> SendAsync(JsonBody body, CancellationToken cancellationToken)
    {
        Response.Headers.CacheControl = "no-store";
        await body.SendAsync(Response, JsonBody.MediaType, cancellationToken);
        return new EmptyResult();
    }
}
