using System.Text;
using IotBackend.Domain.Measurements;
using IotBackend.Infrastructure.Measurements.Lines;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>What is left of measurements when some of their fields go, as lines.</summary>
internal sealed class RemainingLines : IDisposable
{
    private readonly MeasurementBatch _batch = new(default);
    private readonly LineBuffer _lines = new();

    /// <exception cref="InfluxDbException">A measurement holds what this server could not have written, and so can not write back.</exception>
    public RemainingLines(IReadOnlyList<Measurement> measurements, IReadOnlyList<string> without)
    {
        var writer = new MeasurementBatchWriter(_batch);
        foreach (var measurement in measurements)
        {
            var fields = measurement.Fields.Where(field => !without.Contains(field.Name)).ToArray();
            if (fields.Length > 0)
                Add(writer, measurement, fields);
        }

        if (_batch.RejectedCount > 0)
            throw new InfluxDbException(InfluxDbFailure.NotSupported, "The range holds points that this server did not write; their fields can not be deleted singly.");
        foreach (ref readonly var row in _batch.Rows)
            LineProtocol.Write(_batch, row, _lines);
    }

    public int Count => _batch.AcceptedCount;

    public ReadOnlyMemory<byte> Text => _lines.Written;

    public void Dispose()
    {
        _batch.Dispose();
        _lines.Dispose();
    }

    private static void Add(MeasurementBatchWriter writer, Measurement measurement, Field[] fields)
    {
        writer.Begin();
        writer.SetDevice(Encoding.UTF8.GetBytes(measurement.Key.Device));
        writer.SetName(Encoding.UTF8.GetBytes(measurement.Key.Name));
        writer.SetTimestamp(measurement.Timestamp);
        foreach (var (key, value) in measurement.Key.Tags)
            writer.AddTag(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value));
        foreach (var (name, value) in fields)
            Add(writer, Encoding.UTF8.GetBytes(name), value);
        writer.End();
    }

    private static void Add(MeasurementBatchWriter writer, byte[] name, FieldValue value)
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
