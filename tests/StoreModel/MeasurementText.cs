using System.Text;
using IotBackend.Domain.Measurements;

namespace IotBackend.StoreModel;

/// <summary>Writes whole measurements of strings and values.</summary>
internal static class MeasurementText
{
    public static void Measure(this MeasurementBatchWriter writer, string device, long time, double value) =>
        writer.Measure(MeasurementKey.Create(device, "telemetry"), time, ("value", FieldValue.Of(value)));

    public static void Measure(this MeasurementBatchWriter writer, MeasurementKey key, long time, params IEnumerable<(string Name, FieldValue Value)> fields)
    {
        writer.Begin();
        writer.SetDevice(Encoding.UTF8.GetBytes(key.Device));
        writer.SetName(Encoding.UTF8.GetBytes(key.Name));
        writer.SetTimestamp(new Timestamp(time));
        foreach (var (tag, value) in key.Tags)
            writer.AddTag(Encoding.UTF8.GetBytes(tag), Encoding.UTF8.GetBytes(value));
        foreach (var (name, value) in fields)
            writer.Add(Encoding.UTF8.GetBytes(name), value);
        if (!writer.End())
            throw new InvalidOperationException("The measurement is faulty.");
    }

    private static void Add(this MeasurementBatchWriter writer, ReadOnlySpan<byte> name, FieldValue value)
    {
        switch (value.Type)
        {
            case FieldType.Number:
                writer.AddNumber(name, value.Number);
                break;
            case FieldType.Boolean:
                writer.AddBoolean(name, value.Boolean);
                break;
            default:
                writer.AddText(name, Encoding.UTF8.GetBytes(value.Text));
                break;
        }
    }
}
