using System.Globalization;
using System.Text;
using IotBackend.Api.Formats;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using IotBackend.UnitTests.Domain.Measurements;

namespace IotBackend.UnitTests.Formats;

/// <summary>What a format made of a body, as text that can be compared.</summary>
/// <param name="Good">The measurements: <c>device name tags time fields</c>.</param>
/// <param name="Faults">As <c>place field code</c>; the place is a line, or an index after <c>#</c>.</param>
/// <param name="BodyError">The code of what fails the whole, with its faults; null for nothing.</param>
/// <param name="Items">Good and bad ones.</param>
internal sealed record ParsedBatch(IReadOnlyList<string> Good, IReadOnlyList<string> Faults, string? BodyError, int Items)
{
    /// <summary>The time of receipt of all that is parsed here.</summary>
    public const long ReceivedAt = 1_795_000_000_000_000_000;

    public static ParsedBatch Of(IBatchFormat format, string body, int max = 10_000, TimestampUnit unit = TimestampUnit.Nanosecond, string? device = null) =>
        Of(format, Encoding.UTF8.GetBytes(body), max, unit, device);

    public static ParsedBatch Of(IBatchFormat format, byte[] body, int max = 10_000, TimestampUnit unit = TimestampUnit.Nanosecond, string? device = null)
    {
        using var batch = new MeasurementBatch(new Timestamp(ReceivedAt));
        format.Parse(body, batch, new BatchReading(max, unit, device));
        return Of(batch);
    }

    public static ParsedBatch Of(MeasurementBatch batch)
    {
        var error = batch.BodyError;
        return new ParsedBatch(
            [.. batch.Read().Select(Describe)],
            [.. batch.Faults.Select(Describe)],
            error is null ? null : string.Join(' ', [error.Code, .. error.Faults.Select(Describe)]),
            batch.ItemCount);
    }

    private static string Describe(Measurement measurement)
    {
        var tags = string.Join(',', measurement.Key.Tags.Select(tag => $"{tag.Key}={tag.Value}"));
        var fields = string.Join(',', measurement.Fields.Select(field => $"{field.Name}={Describe(field.Value)}"));
        return string.Create(CultureInfo.InvariantCulture, $"{measurement.Key.Device}|{measurement.Key.Name}|{tags}|{measurement.Timestamp.Nanoseconds}|{fields}");
    }

    private static string Describe(FieldValue value) => value.Type == FieldType.Text ? $"\"{value.Text}\"" : value.ToString();

    private static string Describe(Fault fault) =>
        string.Create(CultureInfo.InvariantCulture, $"{(fault.Line is { } line ? line : $"#{fault.Index}")} {fault.Field} {fault.Code}");
}
