using IotBackend.Api.Formats;
using IotBackend.Api.Http;
using IotBackend.Api.Measurements;
using IotBackend.Application.Measurements;
using IotBackend.Application.SystemStatus;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;

namespace IotBackend.Api.Influx;

/// <summary>
/// Writes as InfluxDB takes them, so that its clients post unchanged: line protocol whatever the <c>Content-Type</c> says, by the same command as all others.
/// Not in the OpenAPI document: the interface is InfluxDB's.
/// </summary>
[ApiController]
[ApiExplorerSettings(IgnoreApi = true)]
public sealed class InfluxController(IMediator mediator, MeasurementReceiver receiver) : ControllerBase
{
    // The limits of new series slide by minutes.
    private static readonly TimeSpan SeriesLimitPatience = TimeSpan.FromMinutes(1);

    private static NoContentResult Stored { get; } = new();

    private CancellationToken Aborted => HttpContext.RequestAborted;

    /// <summary>As InfluxDB 2.x.</summary>
    [HttpPost("api/v2/write")]
    public Task<IActionResult> WriteVersion2() => WriteAsync(InfluxParameters.OfVersion2(Request.Query));

    /// <summary>As InfluxDB 1.x.</summary>
    [HttpPost("write")]
    public Task<IActionResult> WriteVersion1() => WriteAsync(InfluxParameters.OfVersion1(Request.Query));

    /// <summary>Tells that somebody is here; with <c>verbose=true</c> as JSON, as some clients want it.</summary>
    [AllowAnonymous]
    [AcceptVerbs("GET", "HEAD", Route = "ping")]
    public async Task<IActionResult> Ping()
    {
        var result = await mediator.Send(new GetVersion(), Aborted);
        if (result.Error is { } error)
            return new ErrorResult(error);
        var version = result.Value.Version.ToString(3);
        Response.Headers["X-Influxdb-Version"] = version;
        Response.Headers["X-Influxdb-Build"] = "IotBackend";
        return Request.Query["verbose"] == "true" ? new JsonResult(new { version }) : Stored;
    }

    private async Task<IActionResult> WriteAsync(InfluxParameters parameters)
    {
        using var batch = await receiver.ReceiveManyAsync(Request, BatchFormats.LineProtocol, parameters.Unit, null, Aborted);
        var result = await mediator.Send(new StoreMeasurements(parameters.Bucket, batch) { ParameterError = parameters.Error }, Aborted);
        if (result.Error is { } error)
            return IsOfNothing(error) ? Stored : new ErrorResult(WithDropped(error, batch));
        return result.Value.Rejected == 0 ? Stored : new ErrorResult(Partial(result.Value, batch));
    }

    // InfluxDB takes a body without points as one that was stored.
    private static bool IsOfNothing(Error error) => error.Faults is [{ Code: ErrorCodes.EmptyBatch }];

    private static Error WithDropped(Error error, MeasurementBatch batch) => batch.BodyError is not null || error.Faults is not [{ Index: not null }, ..]
        ? error
        : error with { Details = new Dictionary<string, object>(error.Details) { [InfluxErrorDialect.DroppedDetail] = batch.RejectedCount } };

    // What is over its limit may come again later, and these clients drop what got a 4xx for a part of it. The others are stored once more then, which changes nothing.
    private static Error Partial(StoredMeasurements stored, MeasurementBatch batch)
    {
        var passes = batch.Faults.Any(fault => fault.Code == ErrorCodes.SeriesLimitExceeded);
        return new(passes ? ErrorKind.RateLimited : ErrorKind.Unprocessable, ErrorCodes.PartialWrite, "Some points were not stored, the others were.")
        {
            Faults = batch.Faults,
            Details = new Dictionary<string, object> { [InfluxErrorDialect.DroppedDetail] = stored.Rejected },
            RetryAfter = passes ? SeriesLimitPatience : null,
        };
    }
}
