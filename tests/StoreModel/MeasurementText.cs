using System.Text;
using IotBackend.Domain.Measurements;

namespace IotBackend.StoreModel;

/// <summary>Writes whole measurements of strings and values, and shows them to the bit.</summary>
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

    public static void Measure(this MeasurementBatchWriter writer, Measurement measurement) =>
        writer.Measure(measurement.Key, measurement.Timestamp.Nanoseconds, measurement.Fields.Select(field => (field.Name, field.Value)));

    public static string Show(this Measurement item) =>
        $"{item.Timestamp.Nanoseconds} {item.Key.Show()}: {string.Join(", ", item.Fields.Select(field => $"{field.Name}={Show(field.Value)}"))}";

    public static string Show(this LatestValues item) =>
        $"{item.Key.Show()}: {string.Join(", ", item.Fields.Select(field => $"{field.Name}={Show(field.Value)}@{field.Timestamp.Nanoseconds}"))}";

    // Its own text would not tell an empty device from a comma in it.
    private static string Show(this MeasurementKey key) => Encoding.UTF8.GetString(key.Utf8.Span).Replace('\0', '|');

    private static string Show(FieldValue value) => $"{value.Type}:{value.Bits:X}:{value.Text}";

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
