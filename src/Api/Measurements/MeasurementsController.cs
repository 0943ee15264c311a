using IotBackend.Api.Caching;
using IotBackend.Api.Formats;
using IotBackend.Api.Http;
using IotBackend.Api.Http.OpenApi;
using IotBackend.Application.Caching;
using IotBackend.Application.Measurements;
using IotBackend.Application.Measurements.Idempotency;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using MediatR;
using Microsoft.AspNetCore.Mvc;

namespace IotBackend.Api.Measurements;

/// <summary>Measurements in and out.</summary>
[ApiController]
[Tags("Measurements")]
public sealed class MeasurementsController(IMediator mediator, MeasurementReceiver receiver, KnownQueries known, TimeProvider time) : ControllerBase
{
    private const string Json = "application/json";

    /// <summary>Stores one measurement; answered once it is durable.</summary>
    [HttpPost("measurement")]
    [JsonRequestBody(typeof(MeasurementDocument))]
    [QueryParameter("bucket", "The bucket; by default the key's only one, else 'default'.")]
    [ProducesResponseType<StoredDocument>(StatusCodes.Status201Created, "application/json")]
    [ProducesResponseType<StoredDocument>(StatusCodes.Status202Accepted, "application/json")]
    [Idempotent]
    [RefusesWith(400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 503)]
    public async Task<IActionResult> StoreOne()
    {
        var idempotent = IdempotentRequest.Of(Request);
        using var batch = await receiver.ReceiveOneAsync(Request, idempotent, Aborted);
        if (idempotent is not null)
            return await StoreOneOnceAsync(idempotent, batch);
        var result = await mediator.Send(CommandForOne(batch), Aborted);
        if (result.Error is { } error)
            return new ErrorResult(WithoutIndex(error));
        await StoredAnswer.WriteOneAsync(Response, result.Value, batch, Aborted);
        return EmptyAnswer;
    }

    /// <summary>Stores a batch: the good measurements of it, even when others are bad.</summary>
    [HttpPost("measurements")]
    [JsonRequestBody(typeof(MeasurementDocument[]))]
    [FurtherRequestBody("application/x-ndjson", "A measurement as a JSON object on each line.")]
    [FurtherRequestBody("text/plain", "InfluxDB line protocol; the device is the tag device, else device_id, else host.")]
    [FurtherRequestBody("application/vnd.influx.line-protocol", "The same.")]
    [FurtherRequestBody("application/senml+json", "A SenML pack, RFC 8428.")]
    [QueryParameter("bucket", "The bucket; by default the key's only one, else 'default'.")]
    [QueryParameter("precision", "What the times of line protocol count; default ns.", Values = ["ns", "us", "ms", "s"])]
    [ProducesResponseType<BatchStoredDocument>(StatusCodes.Status201Created, "application/json")]
    [ProducesResponseType<BatchStoredDocument>(StatusCodes.Status202Accepted, "application/json")]
    [ProducesResponseType<BatchStoredDocument>(StatusCodes.Status207MultiStatus, "application/json")]
    [Idempotent]
    [RefusesWith(400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 503)]
    public async Task<IActionResult> StoreMany()
    {
        var idempotent = IdempotentRequest.Of(Request);
        var parameters = BatchParameters.Of(Request);
        using var batch = await receiver.ReceiveManyAsync(Request, parameters.Format, parameters.Unit, idempotent, Aborted);
        if (idempotent is not null)
            return await StoreManyOnceAsync(idempotent, parameters, batch);
        var result = await mediator.Send(CommandFor(parameters.Bucket, batch, parameters.Error), Aborted);
        if (result.Error is { } error)
            return new ErrorResult(error);
        await StoredAnswer.WriteManyAsync(Response, result.Value, batch, Aborted);
        return EmptyAnswer;
    }

    /// <summary>Raw measurements in a range of time, page by page or as one stream; or what is made of them in windows of time.</summary>
    [AcceptVerbs("GET", "HEAD", Route = "measurements")]
    [MeasurementFilterParameters]
    [QueryParameter("from", "Start of the range, inside it: RFC 3339, Unix milliseconds, 'now' or relative such as -24h. Default -24h.")]
    [QueryParameter("to", "End of the range, outside of it. Default now.")]
    [QueryParameter("order", "By time; default desc.", Values = ["asc", "desc"])]
    [QueryParameter("limit", "Measurements a page; default 100. Of a stream: measurements at all, with no maximum; default all.", Maximum = ReadMeasurements.MaxLimit)]
    [QueryParameter("cursor", "nextCursor of the previous page; the other parameters but 'limit' stay the same.")]
    [QueryParameter("resumeAfter", "Of a stream: the last row that was received, as JSON without its fields.")]
    [QueryParameter("window", "Length of a window, such as 10s, 5m, 1h or 1d; asks for aggregates.")]
    [QueryParameter("aggregate", "mean, min, max, sum, count, first, last, median, p95 or stddev; repeatable, or several with commas. Default mean.", IsRepeatable = true)]
    [QueryParameter("fill", "What stands in windows without values; default none.", Values = ["none", "null", "previous", "linear"])]
    [ProducesResponseType<MeasurementPageDocument>(StatusCodes.Status200OK, "application/json")]
    [FurtherAnswers(typeof(AggregateDocument), RowFormats.Csv, RowFormats.Ndjson)]
    [ProducesResponseType(StatusCodes.Status304NotModified)]
    [RefusesWith(400, 401, 403, 404, 406, 429, 503)]
    public async Task<IActionResult> Read()
    {
        var queryString = Request.QueryString.Value ?? string.Empty;
        var mediaType = AcceptHeader.Choose(Request, Json, RowFormats.Csv, RowFormats.Ndjson);
        if (mediaType == Json && known.FindReading(queryString, Now) is { } asked)
            return await SendAsync(await mediator.Send(asked, Aborted));
        if (MeasurementParameters.AskForAggregates(Request.Query))
            return await AggregateAsync(queryString);
        if (RowFormats.Create(mediaType) is { } rows)
            return await StreamAsync(rows);
        var refusal = mediaType is null ? AcceptHeader.Refuse(Json, RowFormats.Csv, RowFormats.Ndjson) : null;
        var request = Parameters(refusal).ReadMeasurements(queryString);
        var result = await mediator.Send(request, Aborted);
        if (IsAskedAgain(result))
            known.Add(queryString, request, Request.Query);
        return await SendAsync(result);
    }

    /// <summary>The newest value of every field, in time that does not grow with what is stored.</summary>
    [AcceptVerbs("GET", "HEAD", Route = "measurements/latest")]
    [MeasurementFilterParameters]
    [QueryParameter("limit", "Items a page; default 1,000.", Maximum = ReadMeasurements.MaxLimit)]
    [QueryParameter("cursor", "nextCursor of the previous page.")]
    [ProducesResponseType<LatestPageDocument>(StatusCodes.Status200OK, "application/json")]
    [ProducesResponseType(StatusCodes.Status304NotModified)]
    [RefusesWith(400, 401, 403, 404, 406, 429, 503)]
    public async Task<IActionResult> ReadLatest()
    {
        var (queryString, refusal) = (Request.QueryString.Value ?? string.Empty, AcceptHeader.RefuseUnlessJson(Request));
        var request = refusal is null && known.FindLatest(queryString) is { } asked ? asked : Parameters(refusal).ReadLatest(queryString);
        var result = await mediator.Send(request, Aborted);
        if (IsAskedAgain(result) && !request.IsKnownValid)
            known.Add(queryString, request);
        return await SendAsync(result);
    }

    private async Task<IActionResult> AggregateAsync(string queryString)
    {
        var request = Parameters(AcceptHeader.RefuseUnlessJson(Request)).AggregateMeasurements(queryString);
        return await SendAsync(await mediator.Send(request, Aborted));
    }

    private async Task<IActionResult> StreamAsync(IRowFormat rows)
    {
        AnswerHeaders.SetVary(Response.Headers);
        var result = await mediator.Send(Parameters(refusal: null).StreamMeasurements(rows.NeedsColumns && !HttpMethods.IsHead(Request.Method)), Aborted);
        return result.Error is { } error ? new ErrorResult(error) : new StreamResult(result.Value, rows);
    }

    private static EmptyResult EmptyAnswer { get; } = new();

    // Not a parameter of the actions: to bind it costs more than a kilobyte a request (benchmark P14).
    private CancellationToken Aborted => HttpContext.RequestAborted;

    private Timestamp Now => Timestamp.From(time.GetUtcNow());

    // What is asked once, such as a range up to the moment of asking, is not worth its place.
    private static bool IsAskedAgain(Result<ServedAnswer> result) => result is { IsSuccess: true, Value.Outcome: CacheOutcome.Hit };

    private MeasurementParameters Parameters(Error? refusal) => new(Request.Query, Now, refusal);

    private async Task<IActionResult> SendAsync(Result<ServedAnswer> result)
    {
        AnswerHeaders.SetVary(Response.Headers);
        if (result.Error is { } error)
            return new ErrorResult(error);
        await AnswerResponse.SendAsync(HttpContext, result.Value);
        return EmptyAnswer;
    }

    private StoreMeasurements CommandForOne(MeasurementBatch batch, Fault? fault = null)
    {
        var (bucket, error) = MeasurementParameters.ReadBucket(Request.Query);
        return CommandFor(bucket, batch, error, fault);
    }

    private static StoreMeasurements CommandFor(BucketName? bucket, MeasurementBatch batch, Error? error, Fault? fault = null)
    {
        if (fault is not null)
            error = Error.Invalid([.. error?.Faults ?? [], fault]);
        return new StoreMeasurements(bucket, batch) { ParameterError = error };
    }

    private async Task<IActionResult> StoreOneOnceAsync(IdempotentRequest request, MeasurementBatch batch)
    {
        var command = request.ToCommand(CommandForOne(batch, request.Fault), "measurement", stored => StoredAnswer.KeepOne(stored, batch));
        var result = await mediator.Send(command, Aborted);
        return result.Error is { } error ? new ErrorResult(WithoutIndex(error)) : await AnswerAsync(result.Value);
    }

    private async Task<IActionResult> StoreManyOnceAsync(IdempotentRequest request, BatchParameters parameters, MeasurementBatch batch)
    {
        var command = request.ToCommand(CommandFor(parameters.Bucket, batch, parameters.Error, request.Fault), "measurements", stored => StoredAnswer.KeepMany(stored, batch));
        var result = await mediator.Send(command, Aborted);
        return result.Error is { } error ? new ErrorResult(error) : await AnswerAsync(result.Value);
    }

    private async Task<IActionResult> AnswerAsync(KeptAnswer answer)
    {
        await StoredAnswer.WriteAsync(Response, answer, Aborted);
        return EmptyAnswer;
    }

    // The one measurement of a body needs no number.
    private static Error WithoutIndex(Error error) => error.Faults.Count == 0
        ? error
        : error with { Faults = [.. error.Faults.Select(fault => fault with { Index = null })] };
}
