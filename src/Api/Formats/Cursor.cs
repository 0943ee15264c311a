using System.Buffers.Binary;
using System.Buffers.Text;
using System.Numerics;
using System.Text;
using IotBackend.Domain.Measurements;

namespace IotBackend.Api.Formats;

/// <summary>
/// Where a page ended, as clients carry it: the range as it was resolved for the first page, the last measurement's place, and a digest of
/// the query that it belongs to, so that it fits no other. It grants nothing: what a caller may see is checked for every page anew.
/// </summary>
/// <param name="Query">Digest of the parameters that must stay the same from page to page.</param>
internal sealed record Cursor(ulong Query, TimeRange Range, MeasurementPosition Position)
{
    private const byte Form = 1;
    private const int HeaderLength = 1 + (4 * sizeof(long));
    private const int ChecksumLength = sizeof(uint);

    public string Encode()
    {
        var key = Position.Key.Utf8.Span;
        var bytes = new byte[HeaderLength + key.Length + ChecksumLength];
        bytes[0] = Form;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(1), Query);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(9), Range.From.Nanoseconds);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(17), Range.To.Nanoseconds);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(25), Position.Timestamp.Nanoseconds);
        key.CopyTo(bytes.AsSpan(HeaderLength));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(bytes.Length - ChecksumLength), Checksum(bytes.AsSpan(..^ChecksumLength)));
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Null when the text is no cursor, or one of another query.</summary>
    public static Cursor? TryDecode(string text, ulong query)
    {
        if (!Base64Url.IsValid(text))
            return null;
        var bytes = Base64Url.DecodeFromChars(text).AsSpan();
        if (bytes.Length < HeaderLength + ChecksumLength || bytes[0] != Form || BinaryPrimitives.ReadUInt64LittleEndian(bytes[1..]) != query)
            return null;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[^ChecksumLength..]) != Checksum(bytes[..^ChecksumLength]))
            return null;
        var range = new TimeRange(ReadTime(bytes, 9), ReadTime(bytes, 17));
        return TryKey(bytes[HeaderLength..^ChecksumLength]) is { } key ? new Cursor(query, range, new MeasurementPosition(ReadTime(bytes, 25), key)) : null;
    }

    /// <summary>A digest of all that selects and orders, whatever the order of the parameters; the size of a page may change from page to page.</summary>
    public static ulong DigestOf(IQueryCollection query, string kind) => Digest(query
        .Where(pair => pair.Key is not ("cursor" or "limit"))
        .OrderBy(pair => pair.Key, StringComparer.Ordinal)
        .SelectMany(pair => pair.Value.Order(StringComparer.Ordinal).Prepend(pair.Key))
        .Prepend(kind)!);

    /// <summary>A digest of the parts, the same in every process.</summary>
    public static ulong Digest(IEnumerable<string> parts)
    {
        var (low, high) = (0u, uint.MaxValue);
        foreach (var part in parts)
        {
            foreach (var value in Encoding.UTF8.GetBytes(part))
                (low, high) = (BitOperations.Crc32C(low, value), BitOperations.Crc32C(high, (byte)(value ^ 0x5A)));
            (low, high) = (BitOperations.Crc32C(low, (byte)0), BitOperations.Crc32C(high, (byte)0xFF));
        }

        return ((ulong)high << 32) | low;
    }

    private static Timestamp ReadTime(ReadOnlySpan<byte> bytes, int at) => new(BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]));

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var sum = 0u;
        foreach (var value in bytes)
            sum = BitOperations.Crc32C(sum, value);
        return sum;
    }

    private static MeasurementKey? TryKey(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return MeasurementKey.FromUtf8(utf8);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
