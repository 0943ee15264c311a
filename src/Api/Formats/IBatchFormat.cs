using IotBackend.Domain.Measurements;

namespace IotBackend.Api.Formats;

/// <summary>A wire format that carries many measurements. Faults of an item are kept in the batch, as is a fault of the body as a whole.</summary>
internal interface IBatchFormat
{
    /// <summary>The media types that name the format, in lower case and without parameters; the first is the one that is told.</summary>
    IReadOnlyList<string> MediaTypes { get; }

    /// <summary>Reads a body into a batch. Bytes that are no such format become the batch's <see cref="MeasurementBatch.BodyError"/>.</summary>
    void Parse(ReadOnlySpan<byte> body, MeasurementBatch batch, in BatchReading reading);
}

/// <summary>What a reader of a batch is told beside the bytes.</summary>
/// <param name="MaxMeasurements">More are refused with <c>batch_too_large</c>.</param>
/// <param name="Unit">What a bare number in line protocol counts.</param>
/// <param name="Device">
/// The device that the way in has named, such as a topic: what an item means that names none. An item that names another is faulty. Null for none.
/// </param>
internal readonly record struct BatchReading(int MaxMeasurements, TimestampUnit Unit = TimestampUnit.Nanosecond, string? Device = null);
