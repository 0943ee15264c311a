using System.Text;
using IotBackend.Domain.Measurements;

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

    /// <summary>A star alone: every device.</summary>
    public bool IsAll => _isPrefix && _utf8.Length == 0;

    public static DevicePattern Parse(string text) => new(text, text.EndsWith('*'));

    /// <summary>A device's name, or the beginning of one and a star, or a star alone; null and a reason when it is something else.</summary>
    public static DevicePattern? TryParse(string text, out string? wrong)
    {
        var name = text.EndsWith('*') ? text[..^1] : text;

        // What ends in a space may begin a name that goes on.
        wrong = name.Length == 0 && text == "*" ? null : Identifier.Check(Encoding.UTF8.GetBytes(name.EndsWith(' ') && name != text ? name.TrimEnd(' ') : name));
        return wrong is null ? Parse(text) : null;
    }

    public bool Matches(ReadOnlySpan<byte> device) => _isPrefix ? device.StartsWith(_utf8) : device.SequenceEqual(_utf8);

    /// <summary>True when every device that the other matches is matched by this one.</summary>
    public bool Covers(DevicePattern other) => _isPrefix ? other._utf8.AsSpan().StartsWith(_utf8) : !other._isPrefix && other._utf8.AsSpan().SequenceEqual(_utf8);

    public bool Equals(DevicePattern? other) => other is not null && Text == other.Text;

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Text;
}

/// <summary>A set of devices that may be touched; an empty list of patterns means all, and so does a star alone among them.</summary>
public sealed record DeviceSet(IReadOnlyList<DevicePattern> Patterns)
{
    public static DeviceSet All { get; } = new([]);

    public bool IsAll { get; } = Patterns.Count == 0 || Patterns.Any(pattern => pattern.IsAll);

    /// <summary>The same text for the same patterns in whatever order; <c>*</c> for all devices.</summary>
    public string Canonical { get; } = Patterns.Count == 0 || Patterns.Any(pattern => pattern.IsAll)
        ? "*"
        : string.Join('\0', Patterns.Select(pattern => pattern.Text).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    /// <summary>True when every device of the other set is in this one.</summary>
    public bool Covers(DeviceSet other) => IsAll || (!other.IsAll && other.Patterns.All(given => Patterns.Any(own => own.Covers(given))));

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
