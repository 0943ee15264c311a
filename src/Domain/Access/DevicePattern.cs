using System.Text;

namespace IotBackend.Domain.Access;

/// <summary>Devices that a key may touch: one by its exact name, or all that start with a prefix, written <c>greenhouse-*</c>.</summary>
public sealed record DevicePattern
{
    private readonly byte[] _utf8;
    private readonly bool _isPrefix;

    private DevicePattern(string text, bool isPrefix)
    {
        Text = text;
        _isPrefix = isPrefix;
        _utf8 = Encoding.UTF8.GetBytes(isPrefix ? text[..^1] : text);
    }

    /// <summary>The pattern as it was written.</summary>
    public string Text { get; }

    public static DevicePattern Parse(string text) => new(text, text.EndsWith('*'));

    public bool Matches(ReadOnlySpan<byte> device) => _isPrefix ? device.StartsWith(_utf8) : device.SequenceEqual(_utf8);

    public bool Equals(DevicePattern? other) => other is not null && Text == other.Text;

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Text;
}

/// <summary>A set of devices that may be touched; an empty list of patterns means all.</summary>
public sealed record DeviceSet(IReadOnlyList<DevicePattern> Patterns)
{
    public static DeviceSet All { get; } = new([]);

    public bool IsAll => Patterns.Count == 0;

    public bool Contains(ReadOnlySpan<byte> device)
    {
        if (IsAll)
            return true;
        foreach (var pattern in Patterns)
        {
            if (pattern.Matches(device))
                return true;
        }

        return false;
    }

    public bool Contains(string device) => IsAll || Contains(Encoding.UTF8.GetBytes(device));
}
