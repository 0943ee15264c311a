using System.IO.Compression;
using System.Security.Cryptography;

namespace IotBackend.Api.Formats;

/// <summary>
/// Tells whether gzip ends as it should. The runtime's decoder takes a stream that breaks off for a whole one, and what is no gzip behind one for nothing.
/// So one further member (RFC 1952 lets them follow each other) is put behind the body: only behind a whole body is it read as what it is.
/// </summary>
internal static class GzipEnd
{
    private const int MarkerLength = 16;

    // The shortest member: header, an empty block, and the trailer.
    private const int ShortestBody = 20;

    private static readonly byte[] Marker = RandomNumberGenerator.GetBytes(MarkerLength);

    /// <summary>What is put behind the body.</summary>
    public static ReadOnlySpan<byte> Member => Compressed;

    /// <summary>How many bytes it adds to what is decoded.</summary>
    public static int Length => MarkerLength;

    private static byte[] Compressed { get; } = Compress(Marker);

    /// <summary>Whether a body may be gzip at all.</summary>
    public static bool IsLongEnough(int length) => length >= ShortestBody;

    /// <summary>Whether what was decoded ends with the further member.</summary>
    public static bool IsAtEndOf(ReadOnlySpan<byte> decoded) => decoded.EndsWith(Marker);

    private static byte[] Compress(byte[] marker)
    {
        using var member = new MemoryStream();
        using (var gzip = new GZipStream(member, CompressionLevel.NoCompression))
            gzip.Write(marker);
        return member.ToArray();
    }
}
