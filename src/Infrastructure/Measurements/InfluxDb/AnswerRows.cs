using System.Text.Json;
using IotBackend.Domain.Measurements;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>Rows of an answer by series as measurements.</summary>
internal static class AnswerRows
{
    /// <param name="series">The time, then a column for each field.</param>
    /// <param name="fields">The fields in the order in which they were asked for.</param>
    public static IEnumerable<Measurement> ToMeasurements(AnswerSeries series, FieldOfMeasurement[] fields)
    {
        if (series.ToKey() is not { } key)
            yield break;
        foreach (var row in series.Rows)
            yield return new Measurement(key, AnswerSeries.TimeOf(row), ReadFields(row, fields));
    }

    private static List<Field> ReadFields(JsonElement row, FieldOfMeasurement[] fields)
    {
        var read = new List<Field>(fields.Length);
        for (var i = 0; i < fields.Length; i++)
        {
            if (AnswerSeries.ValueOf(row[i + 1]) is { } value)
                read.Add(new Field(fields[i].Name, value));
        }

        return read;
    }
}
