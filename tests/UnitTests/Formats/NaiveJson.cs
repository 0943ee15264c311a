using System.Numerics;
using System.Text.Json;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using IotBackend.UnitTests.Domain.Measurements;

namespace IotBackend.UnitTests.Formats;

/// <summary>Measurements of documents that are valid JSON, member by member over the document; what a measurement may be is asked of the same writer.</summary>
internal static class NaiveJson
{
    public static ParsedBatch Parse(IEnumerable<string> documents, bool areLines)
    {
        using var batch = new MeasurementBatch(new Timestamp(ParsedBatch.ReceivedAt));
        var writer = new MeasurementBatchWriter(batch);
        foreach (var (index, text) in documents.Index())
        {
            using var document = JsonDocument.Parse(text);
            writer.Begin(areLines ? index + 1 : 0);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                Write(document.RootElement, writer);
            else
                writer.AddFault("", ErrorCodes.WrongType, "");
            writer.End();
        }

        return ParsedBatch.Of(batch);
    }

    private static void Write(JsonElement measurement, MeasurementBatchWriter writer)
    {
        foreach (var (member, value) in measurement.EnumerateObject().Select(member => (member.Name, member.Value)))
        {
            switch (member)
            {
                case "device" when value.ValueKind == JsonValueKind.String:
                    writer.Device(value.GetString()!);
                    break;
                case "name" when value.ValueKind == JsonValueKind.String:
                    writer.Name(value.GetString()!);
                    break;
                case "timestamp":
                    WriteTime(value, writer);
                    break;
                case "fields" when value.ValueKind == JsonValueKind.Object:
                    foreach (var field in value.EnumerateObject())
                        WriteField(field, writer);
                    break;
                case "tags" when value.ValueKind == JsonValueKind.Object:
                    foreach (var tag in value.EnumerateObject())
                        WriteTag(tag, writer);
                    break;
                default:
                    var isKnown = member is "device" or "name" or "fields" or "tags";
                    writer.AddFault(member, isKnown ? ErrorCodes.WrongType : ErrorCodes.UnknownMember, "");
                    break;
            }
        }
    }

    private static void WriteTime(JsonElement value, MeasurementBatchWriter writer)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var milliseconds) && BigInteger.Abs(milliseconds) * 1_000_000 < long.MaxValue)
            writer.At(milliseconds * 1_000_000);
        else if (value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out var time) && time.Offset == TimeSpan.Zero)
            writer.SetTimestamp(Timestamp.From(time));
        else
            writer.AddFault("timestamp", value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _) ? ErrorCodes.TimestampOutOfRange : ErrorCodes.InvalidTimestamp, "");
    }

    private static void WriteField(JsonProperty field, MeasurementBatchWriter writer)
    {
        var text = field.Value.GetRawText();
        switch (field.Value.ValueKind)
        {
            case JsonValueKind.Number when !double.IsFinite(field.Value.GetDouble()):
                writer.AddFault("fields." + field.Name, ErrorCodes.NumberOutOfRange, "");
                break;
            case JsonValueKind.Number when BigInteger.TryParse(text, out var integer) && new BigInteger(field.Value.GetDouble()) != integer:
                writer.AddFault("fields." + field.Name, ErrorCodes.IntegerOutOfRange, "");
                break;
            case JsonValueKind.Number:
                writer.Number(field.Name, field.Value.GetDouble());
                break;
            case JsonValueKind.True or JsonValueKind.False:
                writer.Boolean(field.Name, field.Value.GetBoolean());
                break;
            case JsonValueKind.String:
                writer.Text(field.Name, field.Value.GetString()!);
                break;
            default:
                writer.AddFault("fields." + field.Name, ErrorCodes.WrongType, "");
                break;
        }
    }

    private static void WriteTag(JsonProperty tag, MeasurementBatchWriter writer)
    {
        if (tag.Value.ValueKind == JsonValueKind.String)
            writer.Tag(tag.Name, tag.Value.GetString()!);
        else
            writer.AddFault("tags." + tag.Name, ErrorCodes.WrongType, "");
    }
}
