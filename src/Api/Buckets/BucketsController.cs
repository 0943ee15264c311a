using IotBackend.Api.Formats;
using IotBackend.Api.Http;
using IotBackend.Api.Http.OpenApi;
using IotBackend.Application.Buckets;
using IotBackend.Domain.Buckets;
using MediatR;
using Microsoft.AspNetCore.Mvc;

namespace IotBackend.Api.Buckets;

/// <summary>Buckets: what there is, how long each keeps its measurements, and what it holds.</summary>
[ApiController]
[Tags("Buckets")]
[Route(BucketRequests.Path)]
public sealed class BucketsController(IMediator mediator) : ControllerBase
{
    // A name may hold slashes; some proxies send them decoded.
    private const string ByName = "{**name:minlength(1)}";

    /// <summary>The buckets that the key may use, by name.</summary>
    [AcceptVerbs("GET", "HEAD", Route = "")]
    [QueryParameter("limit", "Buckets a page; default 100.", Maximum = Application.Buckets.ListBuckets.MaxLimit)]
    [QueryParameter("cursor", "nextCursor of the previous page.")]
    [ProducesResponseType<BucketPageDocument>(StatusCodes.Status200OK, "application/json")]
    [RefusesWith(400, 401, 403, 406, 429, 503)]
    public async Task<IActionResult> ListBuckets(CancellationToken cancellationToken)
    {
        var result = await mediator.Send(new BucketRequests(Request).List(), cancellationToken);
        if (result.Error is { } error)
            return new ErrorResult(error);
        var page = result.Value;
        using var body = new JsonBody();
        BucketJson.Write(body.Writer, page, page.HasMore ? NameCursor.Encode(page.Items[^1].Bucket.Name) : null);
        return await SendAsync(body, cancellationToken);
    }

    /// <summary>One bucket; its ETag names its rules, not what it holds.</summary>
    [AcceptVerbs("GET", "HEAD", Route = ByName)]
    [ProducesResponseType<BucketDocument>(StatusCodes.Status200OK, "application/json")]
    [RefusesWith(400, 401, 403, 404, 406, 429, 503)]
    public async Task<IActionResult> ReadBucket(CancellationToken cancellationToken)
    {
        var result = await mediator.Send(new BucketRequests(Request).Read(), cancellationToken);
        return result.Error is { } error ? new ErrorResult(error) : await SendAsync(result.Value, cancellationToken);
    }

    /// <summary>Creates a bucket, or replaces its rules. A shorter retention loses what is older.</summary>
    [HttpPut(ByName)]
    [JsonRequestBody(typeof(BucketRulesDocument))]
    [ConditionalChange]
    [ProducesResponseType<BucketDocument>(StatusCodes.Status200OK, "application/json")]
    [ProducesResponseType<BucketDocument>(StatusCodes.Status201Created, "application/json")]
    [RefusesWith(400, 401, 403, 408, 412, 413, 415, 422, 429, 503)]
    public async Task<IActionResult> SaveBucket(CancellationToken cancellationToken)
    {
        var command = await new BucketRequests(Request).SaveAsync(cancellationToken);
        var result = await mediator.Send(command, cancellationToken);
        if (result.Error is { } error)
            return new ErrorResult(error);
        if (result.Value.IsNew)
        {
            Response.StatusCode = StatusCodes.Status201Created;
            Response.Headers.Location = BucketRequests.AddressOf(result.Value.Bucket.Bucket.Name);
        }

        return await SendAsync(result.Value.Bucket, cancellationToken);
    }

    /// <summary>Deletes a bucket with all that it holds, for ever; its name has to be given once more.</summary>
    [HttpDelete(ByName)]
    [QueryParameter("confirm", "The bucket's name once more. Without it, the answer tells what would be lost.")]
    [ConditionalChange]
    [ProducesResponseType<BucketDeletedDocument>(StatusCodes.Status200OK, "application/json")]
    [RefusesWith(400, 401, 403, 404, 409, 412, 422, 429, 503)]
    public async Task<IActionResult> DeleteBucket(CancellationToken cancellationToken)
    {
        var result = await mediator.Send(new BucketRequests(Request).Delete(), cancellationToken);
        return result.Error is { } error ? new ErrorResult(error) : await SendDeletedAsync(result.Value.Name, cancellationToken);
    }

    private async Task<IActionResult> SendAsync(MeasuredBucket bucket, CancellationToken cancellationToken)
    {
        Response.Headers.ETag = PreconditionHeaders.ETagOf(bucket.Version);
        using var body = new JsonBody();
        BucketJson.Write(body.Writer, bucket);
        return await SendAsync(body, cancellationToken);
    }

    private async Task<IActionResult> SendDeletedAsync(BucketName name, CancellationToken cancellationToken)
    {
        using var body = new JsonBody();
        body.Writer.WriteStartObject();
        body.Writer.WriteString("status"u8, "deleted"u8);
        body.Writer.WriteString("name"u8, name.Value);
        body.Writer.WriteEndObject();
        return await SendAsync(body, cancellationToken);
    }

    private async Task<IActionResult> SendAsync(JsonBody body, CancellationToken cancellationToken)
    {
        Response.Headers.CacheControl = "no-store";
        await body.SendAsync(Response, JsonBody.MediaType, cancellationToken);
        return new EmptyResult();
    }
}
