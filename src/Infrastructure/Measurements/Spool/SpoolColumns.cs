using System.Text;
using IotBackend.Domain.Buckets;

namespace IotBackend.Infrastructure.Measurements.Spool;

/// <summary>How the file holds texts (UTF-8) and times (ticks of UTC).</summary>
internal static class SpoolColumns
{
    /// <summary>Bytes that surely hold an excerpt, whatever its characters.</summary>
    public const int MaxExcerptBytes = 4 * MaxExcerptLength;

    private const int MaxExcerptLength = 1_000;

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    /// <exception cref="InvalidDataException">The bytes name no bucket.</exception>
    public static BucketName Bucket(ReadOnlySpan<byte> utf8) =>
        BucketName.TryParse(Encoding.UTF8.GetString(utf8), out _) ?? throw new InvalidDataException("A row names no bucket.");

    /// <summary>The nearest time that there is: a damaged one must not keep the measurements beside it from their way.</summary>
    public static DateTimeOffset Time(long ticks) => new(Math.Clamp(ticks, 0, DateTimeOffset.MaxValue.UtcTicks), TimeSpan.Zero);

    /// <summary>The first line, cut at 1,000 characters.</summary>
    public static string Excerpt(ReadOnlySpan<byte> utf8)
    {
        var end = utf8.IndexOf((byte)'\n');
        return Cut(Encoding.UTF8.GetString(end < 0 ? utf8 : utf8[..end]));
    }

    /// <summary>At most 1,000 characters of the text; none of them is cut in two.</summary>
    public static string Cut(string text)
    {
        var length = 0;
        foreach (var rune in text.EnumerateRunes().Take(MaxExcerptLength))
            length += rune.Utf16SequenceLength;
        return text[..length];
    }
}
