using IotBackend.Api.Http;
using IotBackend.Api.Http.OpenApi;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using MediatR;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;

namespace IotBackend.Api.Measurements;

/// <summary>Measurements away.</summary>
[ApiController]
[Tags("Measurements")]
public sealed class MeasurementDeletionController(IMediator mediator, TimeProvider time) : ControllerBase
{
    private static readonly Error NoBody =
        new(ErrorKind.Invalid, ErrorCodes.InvalidRequest, "A deletion has no body; what it deletes stands in the parameters.");

    /// <summary>Deletes measurements of the named devices for ever, or tells how many these would be.</summary>
    [HttpDelete("measurements")]
    [QueryParameter("bucket", "The bucket; by default the key's only one, else 'default'.")]
    [QueryParameter("device", "Exact name; required, repeatable, up to 50.", IsRepeatable = true)]
    [QueryParameter("name", "Exact name of the measurement; repeatable. Default: all.", IsRepeatable = true)]
    [QueryParameter("field", "Exact name of a field; repeatable; the others stay. Default: all.", IsRepeatable = true)]
    [QueryParameter("tag.<key>", "Value that the tag must have; <key> is the tag's key.")]
    [QueryParameter("from", "Start of the range, inside it: RFC 3339, Unix milliseconds, 'now' or relative such as -24h. Default: the oldest.")]
    [QueryParameter("to", "End of the range, outside of it. Default: the newest.")]
    [QueryParameter("dryRun", "true: only counts. Default false.", Values = ["true", "false"])]
    [ProducesResponseType<DeletedDocument>(StatusCodes.Status200OK, "application/json")]
    [RefusesWith(400, 401, 403, 404, 429, 503)]
    public async Task<IActionResult> DeleteMeasurements(CancellationToken cancellationToken)
    {
        var (what, isDryRun, error) = new MeasurementParameters(Request.Query, Timestamp.From(time.GetUtcNow()), HasBody ? NoBody : null).Deletion();
        var result = isDryRun
            ? await mediator.Send(new PreviewDeletion(what) { ParseError = error }, cancellationToken)
            : await mediator.Send(new DeleteMeasurements(what) { ParseError = error }, cancellationToken);
        return result.Error is { } failure ? new ErrorResult(failure) : await SendAsync(isDryRun, result.Value, cancellationToken);
    }

    private bool HasBody => HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true && Request.ContentLength != 0;

    private async Task<IActionResult> SendAsync(bool isDryRun, long count, CancellationToken cancellationToken)
    {
        Response.Headers.CacheControl = "no-store";
        using var body = new JsonBody();
        body.Writer.WriteStartObject();
        body.Writer.WriteString("status"u8, isDryRun ? "dryRun"u8 : "deleted"u8);
        body.Writer.WriteNumber(isDryRun ? "matched"u8 : "deleted"u8, count);
        body.Writer.WriteEndObject();
        await body.SendAsync(Response, JsonBody.MediaType, cancellationToken);
        return new EmptyResult();
    }
}
