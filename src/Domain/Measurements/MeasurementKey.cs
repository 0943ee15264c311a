using System.Text;

namespace IotBackend.Domain.Measurements;

/// <summary>
/// What a measurement is of: device, name and tags. Its canonical form is the UTF-8 of device, name and the tags sorted by key,
/// separated by <c>0x00</c> (which no part can hold); keys are ordered by these bytes, in every store alike.
/// </summary>
public sealed class MeasurementKey : IEquatable<MeasurementKey>, IComparable<MeasurementKey>
{
    public const byte Separator = 0;

    private MeasurementKey(byte[] utf8, string device, string name, KeyValuePair<string, string>[] tags) =>
        (Utf8, Device, Name, Tags) = (utf8, device, name, tags);

    /// <summary>The canonical form; not to be changed.</summary>
    public ReadOnlyMemory<byte> Utf8 { get; }

    public string Device { get; }

    public string Name { get; }

    /// <summary>Sorted by the UTF-8 bytes of their keys.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Tags { get; }

    /// <exception cref="FormatException">The bytes are not a canonical form.</exception>
    public static MeasurementKey FromUtf8(ReadOnlySpan<byte> canonical)
    {
        var parts = Encoding.UTF8.GetString(canonical).Split('\0');
        if (parts.Length < 2 || parts.Length % 2 != 0)
            throw new FormatException("A measurement key has a device, a name and pairs of tags.");
        var tags = new KeyValuePair<string, string>[(parts.Length - 2) / 2];
        for (var i = 0; i < tags.Length; i++)
            tags[i] = new(parts[2 + (2 * i)], parts[3 + (2 * i)]);
        return new MeasurementKey(canonical.ToArray(), parts[0], parts[1], tags);
    }

    public static MeasurementKey Create(string device, string name, params IEnumerable<KeyValuePair<string, string>> tags)
    {
        var sorted = tags.Select(tag => (Key: Encoding.UTF8.GetBytes(tag.Key), tag.Value)).ToArray();
        Array.Sort(sorted, static (a, b) => a.Key.AsSpan().SequenceCompareTo(b.Key));
        var text = new StringBuilder(device).Append('\0').Append(name);
        foreach (var (key, value) in sorted)
            text.Append('\0').Append(Encoding.UTF8.GetString(key)).Append('\0').Append(value);
        return FromUtf8(Encoding.UTF8.GetBytes(text.ToString()));
    }

    public int CompareTo(MeasurementKey? other) => other is null ? 1 : Utf8.Span.SequenceCompareTo(other.Utf8.Span);

    public bool Equals(MeasurementKey? other) => other is not null && Utf8.Span.SequenceEqual(other.Utf8.Span);

    public override bool Equals(object? obj) => Equals(obj as MeasurementKey);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Utf8.Span);
        return hash.ToHashCode();
    }

    public override string ToString() => string.Join(',', [Device, Name, .. Tags.Select(tag => $"{tag.Key}={tag.Value}")]);

    public static bool operator ==(MeasurementKey? left, MeasurementKey? right) => left is null ? right is null : left.Equals(right);

    public static bool operator !=(MeasurementKey? left, MeasurementKey? right) => !(left == right);

    public static bool operator <(MeasurementKey left, MeasurementKey right) => left.CompareTo(right) < 0;

    public static bool operator >(MeasurementKey left, MeasurementKey right) => left.CompareTo(right) > 0;

    public static bool operator <=(MeasurementKey left, MeasurementKey right) => left.CompareTo(right) <= 0;

    public static bool operator >=(MeasurementKey left, MeasurementKey right) => left.CompareTo(right) >= 0;
}
