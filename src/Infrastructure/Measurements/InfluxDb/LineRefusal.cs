using System.Text.RegularExpressions;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using IotBackend.Infrastructure.Measurements.Lines;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>Why a line can not be stored, in the words of the contract.</summary>
/// <param name="Index">Position of the line among those that were sent, from 0.</param>
/// <param name="Field">Path of the member at fault; empty when it is the whole.</param>
/// <param name="Code">A code of item errors.</param>
/// <param name="Message">A sentence for a person.</param>
internal sealed partial record LineRefusal(int Index, string Field, string Code, string Message)
{
    /// <summary>The same for an administrator: what InfluxDB said, or which field it is about.</summary>
    public string Reason { get; init; } = Message;

    /// <summary>A refusal in InfluxDB's words, which alone tell the kinds apart.</summary>
    public static LineRefusal Of(int index, string reason)
    {
        if (TypeConflict().Match(reason) is { Success: true } conflict)
        {
            var field = MeasurementBatchWriter.Path("fields", System.Text.Encoding.UTF8.GetBytes(Keys.Decode(conflict.Groups["field"].Value)));
            return new LineRefusal(index, field, ErrorCodes.FieldTypeConflict, "The field is of another type since it was first written.") { Reason = reason };
        }

        if (reason.Contains("retention policy", StringComparison.OrdinalIgnoreCase))
            return new LineRefusal(index, "timestamp", ErrorCodes.BeyondRetention, "The timestamp is older than what the bucket keeps.") { Reason = reason };
        return new LineRefusal(index, string.Empty, ErrorCodes.RefusedByStore, "The database refused the measurement.") { Reason = reason };
    }

    public static LineRefusal OfType(int index, string field, FieldType known, FieldType given) =>
        new(index, MeasurementBatchWriter.Path("fields", System.Text.Encoding.UTF8.GetBytes(field)), ErrorCodes.FieldTypeConflict, DescribeConflict(known, given))
        {
            Reason = $"The field '{field}' is a {NameOf(known)}; this is a {NameOf(given)}.",
        };

    public static string DescribeConflict(FieldType known, FieldType given) =>
        $"The field is a {NameOf(known)} since it was first written; this is a {NameOf(given)}.";

    private static string NameOf(FieldType type) => type switch
    {
        FieldType.Number => "number",
        FieldType.Boolean => "boolean",
        _ => "string",
    };

    // As 1.x and 2.x say it, and as 3.x does, which says the same of a field that is called like a tag.
    [GeneratedRegex(
        "field type conflict: input field \"(?<field>.*)\" on measurement|invalid column type for column '(?<field>.*)', expected iox::column_type::field::.*, got iox::column_type::field::",
        RegexOptions.Singleline)]
    private static partial Regex TypeConflict();
}
