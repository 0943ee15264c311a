using System.Text;
using IotBackend.Domain.Access;
using IotBackend.Domain.Measurements;

namespace IotBackend.Application.Measurements.Live;

/// <summary>A filter over UTF-8, so that what does not match costs no text.</summary>
internal sealed class LiveFilter(MeasurementFilter filter)
{
    private readonly byte[] _bucket = Encoding.UTF8.GetBytes(filter.Bucket.Value);
    private readonly byte[][] _devices = ToUtf8(filter.Devices);
    private readonly byte[][] _names = ToUtf8(filter.Names);
    private readonly byte[][] _fields = ToUtf8(filter.Fields);
    private readonly (byte[] Key, byte[] Value)[] _tags = [.. filter.Tags.Select(tag => (Encoding.UTF8.GetBytes(tag.Key), Encoding.UTF8.GetBytes(tag.Value)))];
    private readonly DeviceSet _visible = filter.Visible;

    /// <summary>The measurements of an entry that match, from a number on, each with its number.</summary>
    public List<(long Number, Measurement Measurement)> Select(in LiveEntry entry, long from)
    {
        var found = new List<(long, Measurement)>();
        var reader = new LivePacketReader(entry.Packet.Span);
        if (!reader.Bucket.SequenceEqual(_bucket))
            return found;
        for (var number = entry.Number; reader.Next(); number++)
        {
            if (number >= from && Matches(reader.Key) && reader.Fields(this) is { Count: > 0 } fields)
                found.Add((number, new Measurement(MeasurementKey.FromUtf8(reader.Key), reader.Timestamp, fields)));
        }

        return found;
    }

    public bool TakesField(ReadOnlySpan<byte> name) => IsAmong(_fields, name);

    private bool Matches(ReadOnlySpan<byte> key)
    {
        var device = key[..key.IndexOf(MeasurementKey.Separator)];
        if (!IsAmong(_devices, device) || !_visible.Contains(device))
            return false;
        var rest = key[(device.Length + 1)..];
        var name = Before(ref rest);
        return IsAmong(_names, name) && HasTags(rest);
    }

    private bool HasTags(ReadOnlySpan<byte> tags)
    {
        foreach (var (key, value) in _tags)
        {
            if (!HasTag(tags, key, value))
                return false;
        }

        return true;
    }

    private static bool HasTag(ReadOnlySpan<byte> tags, byte[] key, byte[] value)
    {
        while (!tags.IsEmpty)
        {
            var isKey = Before(ref tags).SequenceEqual(key);
            var isValue = Before(ref tags).SequenceEqual(value);
            if (isKey && isValue)
                return true;
        }

        return false;
    }

    // The next part of a key, and what comes after it.
    private static ReadOnlySpan<byte> Before(ref ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf(MeasurementKey.Separator);
        var part = end < 0 ? rest : rest[..end];
        rest = end < 0 ? [] : rest[(end + 1)..];
        return part;
    }

    private static bool IsAmong(byte[][] values, ReadOnlySpan<byte> value)
    {
        foreach (var one in values)
        {
            if (value.SequenceEqual(one))
                return true;
        }

        return values.Length == 0;
    }

    private static byte[][] ToUtf8(IReadOnlyList<string> texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];
}
