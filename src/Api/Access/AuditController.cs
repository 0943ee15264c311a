using IotBackend.Api.Formats;
using IotBackend.Api.Http;
using IotBackend.Api.Http.OpenApi;
using IotBackend.Domain.Measurements;
using MediatR;
using Microsoft.AspNetCore.Mvc;

namespace IotBackend.Api.Access;

/// <summary>Who did what, when, from where: every administrative act, and what concerns security.</summary>
[ApiController]
[Tags("Audit log")]
[Route(AuditRequests.Path)]
public sealed class AuditController(IMediator mediator, TimeProvider time) : ControllerBase
{
    /// <summary>The entries of the audit log, the newest first.</summary>
    [AcceptVerbs("GET", "HEAD", Route = "")]
    [QueryParameter("actor", "The id of the key that did it.")]
    [QueryParameter("action", "Such as key.create.")]
    [QueryParameter("object", "The kind of what it was done to, such as key.")]
    [QueryParameter("objectId", "The id of what it was done to.")]
    [QueryParameter("outcome", "done, a code, or open for acts that go on or were cut off.")]
    [QueryParameter("address", "The address that it came from.")]
    [QueryParameter("from", "The first time: RFC 3339, Unix milliseconds or relative, such as -24h.")]
    [QueryParameter("to", "The first time that is too late.")]
    [QueryParameter("limit", "Entries a page; default 100.", Maximum = Application.Access.Audit.ListAuditEntries.MaxLimit)]
    [QueryParameter("cursor", "nextCursor of the previous page.")]
    [ProducesResponseType<AuditPageDocument>(StatusCodes.Status200OK, "application/json")]
    [RefusesWith(400, 401, 403, 406, 429, 503)]
    public async Task<IActionResult> ListAuditEntries(CancellationToken cancellationToken)
    {
        var result = await mediator.Send(new AuditRequests(Request, Timestamp.From(time.GetUtcNow())).List(), cancellationToken);
        if (result.Error is { } error)
            return new ErrorResult(error);
        using var body = new JsonBody();
        AuditJson.Write(body.Writer, result.Value);
        Response.Headers.CacheControl = "no-store";
        await body.SendAsync(Response, JsonBody.MediaType, cancellationToken);
        return new EmptyResult();
    }
}
