using System.Globalization;

namespace IotBackend.Domain.Measurements.Aggregates;

/// <summary>How long a window is: a whole number of milliseconds at least, written as <c>10s</c>, <c>5m</c>, <c>1h</c> or <c>1d</c>.</summary>
public readonly record struct WindowLength
{
    private static readonly (string Name, long Nanoseconds)[] Units =
    [
        ("ms", Timestamp.NanosecondsPerMillisecond),
        ("s", Timestamp.NanosecondsPerSecond),
        ("m", 60 * Timestamp.NanosecondsPerSecond),
        ("h", 3_600 * Timestamp.NanosecondsPerSecond),
        ("d", 86_400 * Timestamp.NanosecondsPerSecond),
        ("w", 604_800 * Timestamp.NanosecondsPerSecond),
    ];

    private readonly string? _text;

    private WindowLength(long nanoseconds, string text) => (Nanoseconds, _text) = (nanoseconds, text);

    /// <summary>At least one millisecond; zero for none at all.</summary>
    public long Nanoseconds { get; }

    /// <summary>Null when the text is no length, or one beyond all times.</summary>
    public static WindowLength? TryParse(string text)
    {
        var digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        if (digits <= 0 || !long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count == 0)
            return null;
        foreach (var (name, nanoseconds) in Units)
        {
            if (text.AsSpan(digits).SequenceEqual(name))
                return count <= long.MaxValue / nanoseconds ? new WindowLength(count * nanoseconds, text) : null;
        }

        return null;
    }

    /// <summary>As it was written.</summary>
    public override string ToString() => _text ?? string.Empty;
}
