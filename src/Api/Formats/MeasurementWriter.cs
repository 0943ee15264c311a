using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using IotBackend.Domain.Measurements;

namespace IotBackend.Api.Formats;

/// <summary>
/// Writes measurements as the contract's JSON. Neighbours are mostly of the same keys and fields, so what is the same of them is encoded once and then
/// copied (benchmark P7).
/// </summary>
internal sealed class MeasurementWriter(IBufferWriter<byte> output)
{
    // Relaxed: answers are JSON with nosniff, never embedded into HTML, and texts of devices stay readable.
    private static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    private const int MostFrames = 10_000;
    private const int MostLabels = 10_000;

    private readonly Dictionary<MeasurementKey, Frame> _frames = [];
    private readonly Dictionary<string, byte[]> _labels = new(StringComparer.Ordinal);
    private readonly List<(string Name, byte[] Label)> _last = [];
    private MeasurementKey? _key;
    private Frame? _frame;

    public IBufferWriter<byte> Output => output;

    /// <summary>Names of fields whose labels are remembered.</summary>
    internal int Labels => _labels.Count;

    /// <summary>Writes one object.</summary>
    public void Write(Measurement measurement)
    {
        var frame = FrameOf(measurement.Key);
        var head = output.GetSpan(frame.Head.Length + Rfc3339.MaxLength + FieldsStart.Length);
        frame.Head.CopyTo(head);
        var length = frame.Head.Length + Rfc3339.Format(measurement.Timestamp, head[frame.Head.Length..]);
        FieldsStart.CopyTo(head[length..]);
        output.Advance(length + FieldsStart.Length);
        for (var i = 0; i < measurement.Fields.Count; i++)
        {
            var (name, value) = measurement.Fields[i];
            WriteField(LabelOf(i, name), value, isFirst: i == 0);
        }

        output.Write(frame.Tail);
    }

    private static ReadOnlySpan<byte> FieldsStart => "\",\"fields\":{"u8;

    private void WriteField(byte[] label, in FieldValue value, bool isFirst)
    {
        var span = output.GetSpan(1 + label.Length + NumberText.MaxLength);
        var length = 0;
        if (!isFirst)
            span[length++] = (byte)',';
        label.CopyTo(span[length..]);
        length += label.Length;
        switch (value.Type)
        {
            case FieldType.Number:
                output.Advance(length + NumberText.Format(value.Number, span[length..]));
                break;
            case FieldType.Boolean:
                var text = value.Boolean ? "true"u8 : "false"u8;
                text.CopyTo(span[length..]);
                output.Advance(length + text.Length);
                break;
            default:
                output.Advance(length);
                output.Write("\""u8);
                output.Write(JsonEncodedText.Encode(value.Text, Encoder).EncodedUtf8Bytes);
                output.Write("\""u8);
                break;
        }
    }

    private Frame FrameOf(MeasurementKey key)
    {
        if (ReferenceEquals(key, _key))
            return _frame!;
        if (!_frames.TryGetValue(key, out var frame))
        {
            if (_frames.Count == MostFrames)
                _frames.Clear();
            _frames[key] = frame = MakeFrame(key);
        }

        (_key, _frame) = (key, frame);
        return frame;
    }

    // The fields of measurements come in one order.
    private byte[] LabelOf(int index, string name)
    {
        if (index < _last.Count && ReferenceEquals(_last[index].Name, name))
            return _last[index].Label;
        if (!_labels.TryGetValue(name, out var label))
        {
            if (_labels.Count == MostLabels)
                _labels.Clear();
            _labels[name] = label = [.. Quote(name), (byte)':'];
        }

        if (index < _last.Count)
            _last[index] = (name, label);
        else
            _last.Add((name, label));
        return label;
    }

    private static Frame MakeFrame(MeasurementKey key)
    {
        var tail = new List<byte>([.. "},\"tags\":{"u8]);
        foreach (var (tag, value) in key.Tags)
        {
            if (tail[^1] != (byte)'{')
                tail.Add((byte)',');
            tail.AddRange([.. Quote(tag), (byte)':', .. Quote(value)]);
        }

        tail.AddRange("}}"u8);
        return new Frame([.. "{\"device\":"u8, .. Quote(key.Device), .. ",\"name\":"u8, .. Quote(key.Name), .. ",\"timestamp\":\""u8], [.. tail]);
    }

    private static byte[] Quote(string text) => [(byte)'"', .. JsonEncodedText.Encode(text, Encoder).EncodedUtf8Bytes, (byte)'"'];

    /// <param name="Head">All before the timestamp.</param>
    /// <param name="Tail">All after the fields.</param>
    private sealed record Frame(byte[] Head, byte[] Tail);
}
