using System.Buffers;
using System.Text;
using IotBackend.Application.Measurements.Streams;
using IotBackend.Domain.Measurements;

namespace IotBackend.Api.Formats;

/// <summary>
/// RFC 4180: a header, then one measurement a row, with a column for each tag and each field. An empty text is quoted, so that it is not taken for a value
/// that is not there.
/// </summary>
internal sealed class CsvRows : IRowFormat
{
    private const string TagPrefix = "tag.";
    private const string FieldPrefix = "field.";

    private static readonly SearchValues<char> Special = SearchValues.Create(",\"\r\n");

    private Dictionary<string, int> _tags = [];
    private Dictionary<string, int> _fields = [];
    private string?[] _tagCells = [];
    private FieldValue?[] _fieldCells = [];

    public string MediaType => "text/csv; charset=utf-8; header=present";

    public bool NeedsColumns => true;

    /// <summary>The column of a field: its name, with a prefix where that is another column's, or could be.</summary>
    public static string ColumnOf(string field) =>
        field is "device" or "name" or "timestamp"
        || field.StartsWith(TagPrefix, StringComparison.Ordinal)
        || field.StartsWith(FieldPrefix, StringComparison.Ordinal)
            ? FieldPrefix + field
            : field;

    public void WriteHeader(IBufferWriter<byte> output, MeasurementColumns columns)
    {
        _tags = columns.Tags.Index().ToDictionary(tag => tag.Item, tag => tag.Index, StringComparer.Ordinal);
        _fields = columns.Fields.Index().ToDictionary(field => field.Item, field => field.Index, StringComparer.Ordinal);
        (_tagCells, _fieldCells) = (new string?[_tags.Count], new FieldValue?[_fields.Count]);
        output.Write("device,name,timestamp"u8);
        foreach (var column in columns.Tags.Select(tag => TagPrefix + tag).Concat(columns.Fields.Select(ColumnOf)))
        {
            output.Write(","u8);
            WriteText(output, column);
        }

        output.Write("\r\n"u8);
    }

    public void Write(IBufferWriter<byte> output, Measurement measurement)
    {
        Array.Clear(_tagCells);
        Array.Clear(_fieldCells);
        foreach (var (tag, value) in measurement.Key.Tags)
        {
            if (_tags.TryGetValue(tag, out var place))
                _tagCells[place] = value;
        }

        foreach (var (field, value) in measurement.Fields)
        {
            if (_fields.TryGetValue(field, out var place))
                _fieldCells[place] = value;
        }

        WriteText(output, measurement.Key.Device);
        output.Write(","u8);
        WriteText(output, measurement.Key.Name);
        output.Write(","u8);
        output.Advance(Rfc3339.Format(measurement.Timestamp, output.GetSpan(Rfc3339.MaxLength)));
        foreach (var tag in _tagCells)
        {
            output.Write(","u8);
            if (tag is not null)
                WriteText(output, tag);
        }

        foreach (var value in _fieldCells)
        {
            output.Write(","u8);
            if (value is { } there)
                Write(output, there);
        }

        output.Write("\r\n"u8);
    }

    private static void Write(IBufferWriter<byte> output, in FieldValue value)
    {
        switch (value.Type)
        {
            case FieldType.Number:
                output.Advance(NumberText.Format(value.Number, output.GetSpan(NumberText.MaxLength)));
                break;
            case FieldType.Boolean:
                output.Write(value.Boolean ? "true"u8 : "false"u8);
                break;
            default:
                WriteText(output, value.Text);
                break;
        }
    }

    private static void WriteText(IBufferWriter<byte> output, string text)
    {
        if (text.Length > 0 && !text.AsSpan().ContainsAny(Special))
        {
            Encoding.UTF8.GetBytes(text, output);
            return;
        }

        output.Write("\""u8);
        Encoding.UTF8.GetBytes(text.Replace("\"", "\"\"", StringComparison.Ordinal), output);
        output.Write("\""u8);
    }
}
