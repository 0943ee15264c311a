using System.Text;
using IotBackend.Domain.Measurements;

namespace IotBackend.UnitTests.Domain.Measurements;

/// <summary>Lets tests write batches with strings and read them back as measurements.</summary>
internal static class BatchText
{
    public static ReadOnlySpan<byte> Utf8(string text) => Encoding.UTF8.GetBytes(text);

    public static MeasurementBatchWriter Device(this MeasurementBatchWriter writer, string device)
    {
        writer.SetDevice(Utf8(device));
        return writer;
    }

    public static MeasurementBatchWriter Name(this MeasurementBatchWriter writer, string name)
    {
        writer.SetName(Utf8(name));
        return writer;
    }

    public static MeasurementBatchWriter At(this MeasurementBatchWriter writer, long nanoseconds)
    {
        writer.SetTimestamp(new Timestamp(nanoseconds));
        return writer;
    }

    public static MeasurementBatchWriter Tag(this MeasurementBatchWriter writer, string key, string value)
    {
        writer.AddTag(Utf8(key), Utf8(value));
        return writer;
    }

    public static MeasurementBatchWriter Number(this MeasurementBatchWriter writer, string name, double value)
    {
        writer.AddNumber(Utf8(name), value);
        return writer;
    }

    public static MeasurementBatchWriter Boolean(this MeasurementBatchWriter writer, string name, bool value)
    {
        writer.AddBoolean(Utf8(name), value);
        return writer;
    }

    public static MeasurementBatchWriter Text(this MeasurementBatchWriter writer, string name, string value)
    {
        writer.AddText(Utf8(name), Utf8(value));
        return writer;
    }

    public static IReadOnlyList<Measurement> Read(this MeasurementBatch batch)
    {
        var measurements = new List<Measurement>();
        foreach (ref readonly var row in batch.Rows)
        {
            var fields = new List<Field>();
            foreach (ref readonly var cell in batch.Fields(row))
                fields.Add(new Field(Encoding.UTF8.GetString(batch.FieldName(cell)), batch.ReadValue(cell)));
            measurements.Add(new Measurement(batch.ReadKey(row), row.Timestamp, fields));
        }

        return measurements;
    }
}
