using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using CsCheck;
using IotBackend.Api.Formats;
using IotBackend.Domain.Measurements;
using Xunit;

namespace IotBackend.UnitTests.Formats;

/// <summary>What is written by hand is what the runtime's own writer writes.</summary>
public sealed class MeasurementWriterTests
{
    private static readonly Gen<string> Name = OneOf("a", "b", "greenhouse-12", "température", "名前", "x y", "a%b", "q\"uote", "back\\slash");

    private static readonly Gen<FieldValue> Value = Gen.OneOf(
        Gen.Double[-1e6, 1e6].Select(FieldValue.Of),
        Gen.Int[-1_000, 1_000].Select(number => FieldValue.Of(number / 10.0)),
        Gen.Bool.Select(FieldValue.Of),
        OneOf("ok", string.Empty, "line\nfeed", "\"quoted\"", "ключ", "\u0001", "😀").Select(FieldValue.Of));

    private static readonly Gen<Measurement> OneMeasurement = Gen.Select(
        Name, Name, Gen.Select(Name, Name).Array[0, 3], Gen.Select(Name, Value).Array[1, 4], Gen.Long[-1_000_000_000_000_000_000, 2_000_000_000_000_000_000],
        (device, name, tags, fields, time) => new Measurement(
            MeasurementKey.Create(device, name, tags.DistinctBy(tag => tag.Item1).Select(tag => KeyValuePair.Create(tag.Item1, tag.Item2))),
            new Timestamp(time),
            [.. fields.DistinctBy(field => field.Item1).Select(field => new Field(field.Item1, field.Item2))]));

    [Fact]
    public void Measurements_are_written_as_the_runtime_writes_them() => OneMeasurement.Array[0, 20].Sample(measurements =>
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new MeasurementWriter(output);
        foreach (var measurement in measurements)
            writer.Write(measurement);
        return Encoding.UTF8.GetString(output.WrittenSpan) == string.Concat(measurements.Select(Naive));
    });

    [Fact]
    public void More_keys_than_are_remembered_are_written_right()
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new MeasurementWriter(output);
        var all = Enumerable.Range(0, 10_002).Select(i => new Measurement(MeasurementKey.Create($"d{i}", "n"), default, [new Field("f", FieldValue.Of(i))])).ToArray();
        foreach (var measurement in all.Concat(all.Take(2)))
            writer.Write(measurement);
        Assert.Equal(string.Concat(all.Concat(all.Take(2)).Select(Naive)), Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Fact]
    public void Names_of_fields_are_remembered_to_a_bound()
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new MeasurementWriter(output);
        var all = Enumerable.Range(0, 10_001).Select(i => new Measurement(MeasurementKey.Create("d", "n"), default, [new Field($"f{i}", FieldValue.Of(i))])).ToArray();
        foreach (var measurement in all.Take(10_000))
            writer.Write(measurement);
        Assert.Equal(10_000, writer.Labels);
        writer.Write(all[10_000]);
        writer.Write(all[0]);
        Assert.Equal(2, writer.Labels);
        Assert.Equal(string.Concat(all.Append(all[0]).Select(Naive)), Encoding.UTF8.GetString(output.WrittenSpan));
    }

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(index => texts[index]);

    private static string Naive(Measurement measurement)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("device", measurement.Key.Device);
            json.WriteString("name", measurement.Key.Name);
            json.WriteString("timestamp", measurement.Timestamp.ToString());
            json.WriteStartObject("fields");
            foreach (var (name, value) in measurement.Fields)
            {
                json.WritePropertyName(name);
                if (value.Type == FieldType.Number)
                    json.WriteNumberValue(value.Number);
                else if (value.Type == FieldType.Boolean)
                    json.WriteBooleanValue(value.Boolean);
                else
                    json.WriteStringValue(value.Text);
            }

            json.WriteEndObject();
            json.WriteStartObject("tags");
            foreach (var (tag, value) in measurement.Key.Tags)
                json.WriteString(tag, value);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}
