using System.Text;
using IotBackend.Domain.Measurements;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>Rows of an answer by series as measurements.</summary>
internal static class AnswerRows
{
    public static IEnumerable<Measurement> ToMeasurements(AnswerSeries series)
    {
        if (series.ToKey() is not { } key)
            yield break;
        var columns = FieldColumns(series);
        foreach (var row in series.Rows)
        {
            var fields = new List<Field>(columns.Length);
            foreach (var (column, name) in columns)
            {
                if (AnswerSeries.ValueOf(row[column]) is { } value)
                    fields.Add(new Field(name, value));
            }

            if (fields.Count > 0)
                yield return new Measurement(key, AnswerSeries.TimeOf(row), fields);
        }
    }

    // Without the first, which is the time; in the order of the names' UTF-8 bytes, which those of InfluxDB are not once they are decoded.
    private static (int Column, string Name)[] FieldColumns(AnswerSeries series)
    {
        var columns = series.Columns.Select((column, index) => (Column: index, Name: Keys.Decode(column))).Skip(1).ToArray();
        Array.Sort(columns, static (a, b) => Encoding.UTF8.GetBytes(a.Name).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b.Name)));
        return columns;
    }
}
