using IotBackend.Api.Http;
using IotBackend.Api.Http.OpenApi;
using IotBackend.Domain.Measurements;
using MediatR;
using Microsoft.AspNetCore.Mvc;

namespace IotBackend.Api.Measurements;

/// <summary>Measurements as they are stored.</summary>
[ApiController]
[Tags("Measurements")]
public sealed class MeasurementStreamController(IMediator mediator, MeasurementStreams streams, TimeProvider time) : ControllerBase
{
    /// <summary>What is stored from now on, as Server-Sent Events, until one of both sides ends it.</summary>
    [HttpGet("measurements/stream")]
    [AnsweredUnderOverload]
    [MeasurementFilterParameters]
    [ProducesResponseType<string>(StatusCodes.Status200OK, "text/event-stream")]
    [RefusesWith(400, 401, 403, 404, 406, 429, 503)]
    public async Task<IActionResult> Watch()
    {
        var parameters = new MeasurementParameters(Request.Query, Timestamp.From(time.GetUtcNow()), AcceptHeader.RefuseUnlessEvents(Request));
        var result = await mediator.Send(parameters.WatchMeasurements(Request.Headers[MeasurementParameters.LastEventId].ToString()), HttpContext.RequestAborted);
        if (result.Error is { } error)
            return new ErrorResult(error);
        using var subscription = result.Value;
        return await streams.SendAsync(HttpContext, subscription) is { } refusal ? new ErrorResult(refusal) : new EmptyResult();
    }
}
