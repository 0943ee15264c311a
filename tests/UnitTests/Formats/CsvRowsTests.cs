using System.Buffers;
using System.Globalization;
using System.Text;
using CsCheck;
using IotBackend.Api.Formats;
using IotBackend.Application.Measurements.Streams;
using IotBackend.Domain.Measurements;
using Xunit;

namespace IotBackend.UnitTests.Formats;

public sealed class CsvRowsTests
{
    [Theory]
    [InlineData("temperature", "temperature")]
    [InlineData("device", "field.device")]
    [InlineData("name", "field.name")]
    [InlineData("timestamp", "field.timestamp")]
    [InlineData("tag.site", "field.tag.site")]
    [InlineData("field.device", "field.field.device")]
    [InlineData("Device", "Device")]
    public void Column_of_a_field_is_no_other_column(string field, string column) => Assert.Equal(column, CsvRows.ColumnOf(field));

    [Fact]
    public void Texts_read_back_to_the_letter() => Gen.String[Gen.OneOf(',', '"', '\r', '\n', 'a', ' ', ';', 'ü'), 0, 8].Array[1, 5].Sample(texts =>
    {
        var fields = texts.Select((text, i) => new Field($"f{i}", FieldValue.Of(text))).ToArray();
        var cells = ReadRow(Write(["t"], fields.Select(field => field.Name), MeasurementKey.Create("d", "n", new KeyValuePair<string, string>("t", texts[0])), fields));
        Assert.Equal(["d", "n", "1970-01-01T00:00:00.000000005Z", texts[0], .. texts], cells);
    });

    [Fact]
    public void Numbers_read_back_to_the_bit() => Gen.Double.Where(double.IsFinite).Sample(number =>
    {
        var cells = ReadRow(Write([], ["v"], MeasurementKey.Create("d", "n"), new Field("v", FieldValue.Of(number))));
        Assert.Equal(BitConverter.DoubleToInt64Bits(number), BitConverter.DoubleToInt64Bits(double.Parse(cells[3], CultureInfo.InvariantCulture)));
    });

    [Fact]
    public void What_no_column_was_announced_for_is_left_out_and_what_is_missing_is_empty()
    {
        var row = Write(["a", "b"], ["x", "y"], MeasurementKey.Create("d", "n", new KeyValuePair<string, string>("c", "1"), new("b", "2")),
            new Field("w", FieldValue.Of(1)), new Field("y", FieldValue.Of(true)));

        Assert.Equal("d,n,1970-01-01T00:00:00.000000005Z,,2,,true\r\n", row);
    }

    private static string Write(string[] tags, IEnumerable<string> fields, MeasurementKey key, params Field[] values)
    {
        var (header, output) = (new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>());
        var rows = new CsvRows();
        rows.WriteHeader(header, new MeasurementColumns(tags, [.. fields]));
        rows.Write(output, new Measurement(key, new Timestamp(5), values));
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    // The plainest reader of RFC 4180: one row, character by character.
    private static List<string> ReadRow(string row)
    {
        Assert.EndsWith("\r\n", row, StringComparison.Ordinal);
        var (cells, cell, isQuoted) = (new List<string>(), new StringBuilder(), false);
        for (var i = 0; i < row.Length - 2; i++)
        {
            if (row[i] == '"' && isQuoted && i + 1 < row.Length && row[i + 1] == '"')
                cell.Append(row[i++]);
            else if (row[i] == '"')
                isQuoted = !isQuoted;
            else if (row[i] == ',' && !isQuoted)
                (cells, cell) = ([.. cells, cell.ToString()], new StringBuilder());
            else
                cell.Append(row[i]);
        }

        Assert.False(isQuoted);
        return [.. cells, cell.ToString()];
    }
}
