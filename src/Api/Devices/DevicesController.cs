using IotBackend.Api.Caching;
using IotBackend.Api.Http;
using IotBackend.Api.Http.OpenApi;
using IotBackend.Application.Caching;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using MediatR;
using Microsoft.AspNetCore.Mvc;

namespace IotBackend.Api.Devices;

/// <summary>Which devices send, since when, and what.</summary>
[ApiController]
[Tags("Devices")]
[Route(DeviceRequests.Path)]
public sealed class DevicesController(IMediator mediator, TimeProvider time) : ControllerBase
{
    private const string BucketDescription = "The bucket; by default the key's only one, else 'default'.";

    /// <summary>The devices that the key may see, by name.</summary>
    [AcceptVerbs("GET", "HEAD", Route = "")]
    [QueryParameter("bucket", BucketDescription)]
    [QueryParameter("prefix", "What names begin with.")]
    [QueryParameter("activeSince", "Only devices that were last seen at this time or later: RFC 3339, Unix milliseconds, 'now' or relative such as -24h.")]
    [QueryParameter("inactiveSince", "Only devices that were last seen before this time.")]
    [QueryParameter("limit", "Devices a page; default 100.", Maximum = Application.Devices.ListDevices.MaxLimit)]
    [QueryParameter("cursor", "nextCursor of the previous page.")]
    [ProducesResponseType<DevicePageDocument>(StatusCodes.Status200OK, "application/json")]
    [ProducesResponseType(StatusCodes.Status304NotModified)]
    [RefusesWith(400, 401, 403, 404, 406, 429, 503)]
    public async Task<IActionResult> ListDevices(CancellationToken cancellationToken) =>
        await SendAsync(await mediator.Send(Requests.List(), cancellationToken));

    /// <summary>One device, with the names, tags and fields of which it holds a value.</summary>
    [AcceptVerbs("GET", "HEAD", Route = "{**device:minlength(1)}")]
    [QueryParameter("bucket", BucketDescription)]
    [ProducesResponseType<DeviceDocument>(StatusCodes.Status200OK, "application/json")]
    [ProducesResponseType(StatusCodes.Status304NotModified)]
    [RefusesWith(400, 401, 403, 404, 406, 429, 503)]
    public async Task<IActionResult> ReadDevice(CancellationToken cancellationToken) =>
        await SendAsync(await mediator.Send(Requests.Read(), cancellationToken));

    private DeviceRequests Requests => new(Request, Timestamp.From(time.GetUtcNow()));

    private async Task<IActionResult> SendAsync(Result<ServedAnswer> result)
    {
        AnswerHeaders.SetVary(Response.Headers);
        if (result.Error is { } error)
            return new ErrorResult(error);
        await AnswerResponse.SendAsync(HttpContext, result.Value);
        return new EmptyResult();
    }
}
