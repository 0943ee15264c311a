using System.Buffers;
using System.Text;
using System.Threading.RateLimiting;
using IotBackend.Api.Formats;
using IotBackend.Api.Http;
using IotBackend.Api.Measurements;
using IotBackend.Api.Security;
using IotBackend.Application.Access;
using IotBackend.Application.Access.Blocks;
using IotBackend.Application.Access.Usage;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using MediatR;
using Microsoft.Extensions.Options;
using MQTTnet;

namespace IotBackend.Api.Mqtt;

/// <summary>
/// Sends what is published through the same pipeline as what is posted: the key is judged anew for each message, the place among requests is the same, and so
/// are limits, permissions, validation, figures and the feed of what is stored.
/// </summary>
internal sealed class MessageReceiver(
    IServiceScopeFactory scopes,
    IApiKeyAuthenticator authenticator,
    Gate gate,
    IRateLimiter limiter,
    IKeyBehavior behavior,
    UsageMeter meter,
    ConcurrencyLimiter places,
    IOptions<OverloadOptions> overload,
    IOptions<MeasurementLimits> limits,
    ReceiptSequence receipts,
    TimeProvider time)
{
    private static readonly Error Overloaded =
        new(ErrorKind.Unavailable, ErrorCodes.Overloaded, "More comes in than can be stored. Nothing of this message was.") { RetryAfter = TimeSpan.FromSeconds(1) };

    private static readonly Error TooLarge = new(ErrorKind.TooLarge, ErrorCodes.BatchTooLarge, "The payload is larger than a batch may be; nothing was stored.");

    /// <summary>Stores the measurements of a message; answered once they are durable.</summary>
    public async Task<MessageOutcome> ReceiveAsync(MqttConnection connection, MqttApplicationMessage message, CancellationToken cancellationToken)
    {
        var result = await connection.Credential!.AuthenticateAsync(authenticator, connection.Address, time.GetUtcNow(), cancellationToken);
        var refusal = gate.CheckAddress(connection.Address) ?? gate.Judge(result, connection.Address);
        var outcome = refusal is null ? await StoreAsync(result.Value, connection, message, cancellationToken) : new MessageOutcome(refusal);
        if (result.IsSuccess)
            meter.Add(result.Value.KeyId, new UsageCounts(1, 0, message.Payload.Length, outcome.Error is null ? 0 : 1));
        return outcome;
    }

    private async Task<MessageOutcome> StoreAsync(Caller caller, MqttConnection connection, MqttApplicationMessage message, CancellationToken cancellationToken)
    {
        // Before the payload is read, so that a flood costs less than the work that it asks for. Takes nothing; the pipeline does.
        var look = await limiter.LookAsync(caller, cancellationToken);
        if (look?.ToError() is { } exceeded)
        {
            behavior.Refused(caller.KeyId);
            return new MessageOutcome(exceeded);
        }

        using var place = await TakePlaceAsync(cancellationToken);
        return place is null ? new MessageOutcome(Overloaded) : await SendAsync(caller, connection, message, cancellationToken);
    }

    private async Task<MessageOutcome> SendAsync(Caller caller, MqttConnection connection, MqttApplicationMessage message, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var requestId = Ulid.NewUlid(time.GetUtcNow()).ToString();
        scope.ServiceProvider.GetRequiredService<CallerContext>().Set(caller, connection.Address, requestId);
        using var batch = new MeasurementBatch(Timestamp.From(time.GetUtcNow()), receipts);
        var topic = MeasurementTopic.TryParse(message.Topic, out var wrong);
        var (bucket, error) = ReadParameters(message, topic, wrong, out var unit);
        Parse(message, batch, new BatchReading(limits.Value.BatchMeasurements, unit, topic?.Device));
        var command = new StoreMeasurements(bucket, batch) { ParameterError = error };
        var result = await scope.ServiceProvider.GetRequiredService<IMediator>().Send(command, cancellationToken);
        return result.Error is { } failure
            ? new MessageOutcome(failure) { IsTopic = topic is null && failure == error }
            : new MessageOutcome(null) { Stored = result.Value, FirstFault = batch.Faults.OrderBy(fault => fault.Index).FirstOrDefault() };
    }

    private void Parse(MqttApplicationMessage message, MeasurementBatch batch, in BatchReading reading)
    {
        if (message.Payload.Length > limits.Value.BatchBytes)
            batch.BodyError = TooLarge;
        else
            Payload.Parse(message.Payload.IsSingleSegment ? message.Payload.FirstSpan : message.Payload.ToArray(), message.ContentType, batch, reading);
    }

    // What HTTP has in its query, MQTT 5 has in user properties, and every version in the topic.
    private static (BucketName? Bucket, Error? Error) ReadParameters(MqttApplicationMessage message, MeasurementTopic? topic, string? wrong, out TimestampUnit unit)
    {
        List<Fault> faults = wrong is null ? [] : [new Fault("topic", ErrorCodes.InvalidParameter, wrong)];
        unit = TimestampUnit.Nanosecond;
        var bucket = topic?.Bucket;
        foreach (var property in message.UserProperties ?? [])
        {
            if (property.Name == "bucket")
                bucket = ReadBucket(Encoding.UTF8.GetString(property.ValueBuffer.Span), topic, faults);
            else if (property.Name == "precision")
                unit = ReadPrecision(Encoding.UTF8.GetString(property.ValueBuffer.Span), faults);
        }

        return (bucket, faults.Count == 0 ? null : Error.Invalid(faults));
    }

    private static BucketName? ReadBucket(string value, MeasurementTopic? topic, List<Fault> faults)
    {
        var bucket = BucketName.TryParse(value, out var wrong);
        if (bucket is null)
            faults.Add(new Fault("bucket", ErrorCodes.InvalidParameter, $"'bucket' {wrong}."));
        else if (topic?.Bucket is { } named && named != bucket)
            faults.Add(new Fault("bucket", ErrorCodes.InvalidParameter, "'bucket' is another than that of the topic."));
        return bucket;
    }

    private static TimestampUnit ReadPrecision(string value, List<Fault> faults)
    {
        if (TimestampUnits.Find(value) is { } unit)
            return unit;
        faults.Add(new Fault("precision", ErrorCodes.InvalidParameter, $"'precision' is {TimestampUnits.Names}."));
        return default;
    }

    private async ValueTask<RateLimitLease?> TakePlaceAsync(CancellationToken cancellationToken)
    {
        using var enough = new CancellationTokenSource(TimeSpan.FromSeconds(overload.Value.MaxWaitSeconds), time);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(enough.Token, cancellationToken);
        try
        {
            var place = await places.AcquireAsync(1, patience.Token);
            return place.IsAcquired ? place : null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
