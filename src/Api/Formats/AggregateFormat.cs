using System.Text.Json;
using IotBackend.Api.Http;
using IotBackend.Application.Caching;
using IotBackend.Application.Measurements;
using IotBackend.Application.Measurements.Aggregates;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Measurements.Aggregates;

namespace IotBackend.Api.Formats;

/// <summary>Aggregates in JSON, series after series.</summary>
internal sealed class AggregateFormat : IAnswerFormat<AggregateMeasurements, IReadOnlyList<AggregatedSeries>>
{
    public static AggregateFormat Instance { get; } = new();

    public string MediaType => JsonBody.MediaType;

    public byte[] Render(AggregateMeasurements query, IReadOnlyList<AggregatedSeries> page)
    {
        using var body = new JsonBody();
        var json = body.Writer;
        json.WriteStartObject();
        if (query.Window is { } window)
            json.WriteString("window"u8, window.ToString());
        else
            json.WriteNull("window"u8);
        json.WriteStartArray("series"u8);
        var names = query.Functions.Select(function => JsonEncodedText.Encode(AggregateNames.NameOf(function))).ToArray();
        foreach (var series in page)
            Write(json, series, query.Functions, names);
        json.WriteEndArray();
        json.WriteEndObject();
        return body.ToBytes();
    }

    private static void Write(Utf8JsonWriter json, AggregatedSeries series, IReadOnlyList<AggregateFunction> functions, JsonEncodedText[] names)
    {
        json.WriteStartObject();
        json.WriteString("device"u8, series.Key.Device);
        json.WriteString("name"u8, series.Key.Name);
        json.WriteString("field"u8, series.Field);
        MeasurementPageJson.WriteTags(json, series.Key);
        json.WriteStartArray("points"u8);
        foreach (var point in series.Points)
        {
            json.WriteStartObject();
            MeasurementPageJson.WriteTimestamp(json, new Timestamp(point.Start));
            for (var i = 0; i < names.Length; i++)
                Write(json, names[i], functions[i], point.Values[i]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, JsonEncodedText name, AggregateFunction function, double value)
    {
        if (double.IsNaN(value))
            json.WriteNull(name);
        else if (function == AggregateFunction.Count)
            json.WriteNumber(name, (long)value);
        else
            json.WriteNumber(name, value);
    }
}
