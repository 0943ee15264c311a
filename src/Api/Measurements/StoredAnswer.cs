using System.Text.Json;
using IotBackend.Api.Http;
using IotBackend.Application.Measurements;
using IotBackend.Application.Measurements.Idempotency;
using IotBackend.Domain.Measurements;

namespace IotBackend.Api.Measurements;

/// <summary>The answers to stored measurements: 201 stored, 202 queued, 207 in part.</summary>
internal static class StoredAnswer
{
    public static Task WriteOneAsync(HttpResponse response, StoredMeasurements stored, MeasurementBatch batch, CancellationToken cancellationToken)
    {
        var body = new JsonBody();
        response.StatusCode = DescribeOne(body.Writer, stored, batch);
        return SendAsync(body, response, cancellationToken);
    }

    public static Task WriteManyAsync(HttpResponse response, StoredMeasurements stored, MeasurementBatch batch, CancellationToken cancellationToken)
    {
        var body = new JsonBody();
        response.StatusCode = DescribeMany(body.Writer, stored, batch);
        return SendAsync(body, response, cancellationToken);
    }

    /// <summary>The same answers as bytes that can be sent again.</summary>
    public static KeptAnswer KeepOne(StoredMeasurements stored, MeasurementBatch batch)
    {
        using var body = new JsonBody();
        var status = DescribeOne(body.Writer, stored, batch);
        return new KeptAnswer(status, body.ToBytes());
    }

    public static KeptAnswer KeepMany(StoredMeasurements stored, MeasurementBatch batch)
    {
        using var body = new JsonBody();
        var status = DescribeMany(body.Writer, stored, batch);
        return new KeptAnswer(status, body.ToBytes());
    }

    public static async Task WriteAsync(HttpResponse response, KeptAnswer answer, CancellationToken cancellationToken)
    {
        response.StatusCode = answer.Status;
        response.ContentType = JsonBody.MediaType;
        response.ContentLength = answer.Body.Length;
        if (answer.IsReplay)
            response.Headers[IdempotencyKey.ReplayedHeader] = "true";
        await response.BodyWriter.WriteAsync(answer.Body, cancellationToken);
    }

    private static int DescribeOne(Utf8JsonWriter json, StoredMeasurements stored, MeasurementBatch batch)
    {
        ref readonly var row = ref batch.Rows[0];
        Span<byte> time = stackalloc byte[Rfc3339.MaxLength];
        json.WriteStartObject();
        json.WriteString("status"u8, StatusOf(stored));
        json.WriteString("device"u8, batch.Device(row));
        json.WriteString("name"u8, batch.Name(row));
        json.WriteString("timestamp"u8, time[..Rfc3339.Format(row.Timestamp, time)]);
        json.WriteString("receivedAt"u8, time[..Rfc3339.Format(batch.ReceivedAt, time)]);
        json.WriteEndObject();
        return stored.Outcome == WriteOutcome.Stored ? StatusCodes.Status201Created : StatusCodes.Status202Accepted;
    }

    private static int DescribeMany(Utf8JsonWriter json, StoredMeasurements stored, MeasurementBatch batch)
    {
        json.WriteStartObject();
        json.WriteString("status"u8, stored.Rejected == 0 ? StatusOf(stored) : "partial"u8);
        json.WriteNumber("accepted"u8, stored.Accepted);
        json.WriteNumber("rejected"u8, stored.Rejected);
        if (stored.Rejected > 0)
            ErrorWriter.WriteFaults(json, batch.Faults);
        json.WriteEndObject();
        return stored switch
        {
            { Rejected: > 0 } => StatusCodes.Status207MultiStatus,
            { Outcome: WriteOutcome.Stored } => StatusCodes.Status201Created,
            _ => StatusCodes.Status202Accepted,
        };
    }

    private static ReadOnlySpan<byte> StatusOf(StoredMeasurements stored) => stored.Outcome == WriteOutcome.Stored ? "stored"u8 : "queued"u8;

    private static async Task SendAsync(JsonBody body, HttpResponse response, CancellationToken cancellationToken)
    {
        using (body)
            await body.SendAsync(response, JsonBody.MediaType, cancellationToken);
    }
}
