using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace IotBackend.Infrastructure.Measurements.Exports;

/// <summary>
/// A member of a gzip file that tells its own length, so that each is read and checked by itself, reading can begin at any of them, and a torn
/// end is found. Any program for gzip unpacks it. Source: RFC 1952; the length stands in the extra field, as that allows.
/// </summary>
internal static class GzipBlock
{
    /// <summary>No block is larger, packed or unpacked: what says so is damaged.</summary>
    public const int MaxLength = 64 << 20;

    /// <summary>Bytes of a block before what is packed.</summary>
    public const int HeaderLength = 20;

    private const int TrailerLength = 8;

    // Deflate, with an extra field, without a time, of an unknown system; then the extra field: its length, "IB", the length of its content.
    private static ReadOnlySpan<byte> Start => [0x1F, 0x8B, 8, 4, 0, 0, 0, 0, 0, 255, 8, 0, (byte)'I', (byte)'B', 4, 0];

    /// <summary>Packs the parts, one after the other, into one block.</summary>
    public static void Write(MemoryStream output, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        output.SetLength(0);
        Span<byte> number = stackalloc byte[sizeof(uint)];
        output.Write(Start);
        output.Write(number);
        using (var deflate = new DeflateStream(output, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(first);
            deflate.Write(second);
        }

        var checksum = new Crc32();
        checksum.Append(first);
        checksum.Append(second);
        BinaryPrimitives.WriteUInt32LittleEndian(number, checksum.GetCurrentHashAsUInt32());
        output.Write(number);
        BinaryPrimitives.WriteUInt32LittleEndian(number, (uint)(first.Length + second.Length));
        output.Write(number);
        BinaryPrimitives.WriteUInt32LittleEndian(output.GetBuffer().AsSpan(Start.Length), (uint)(output.Length - HeaderLength));
    }

    /// <summary>Reads the next block as it is packed; null at the end of the file.</summary>
    /// <exception cref="EndOfStreamException">The file ends within the block.</exception>
    /// <exception cref="InvalidDataException">This is no such block.</exception>
    public static async ValueTask<byte[]?> ReadAsync(Stream input, CancellationToken cancellationToken)
    {
        var header = new byte[HeaderLength];
        var read = await input.ReadAtLeastAsync(header, HeaderLength, throwOnEndOfStream: false, cancellationToken);
        if (read == 0)
            return null;
        if (read < HeaderLength)
            throw new EndOfStreamException();
        var packed = new byte[LengthOf(header)];
        await input.ReadExactlyAsync(packed, cancellationToken);
        return packed;
    }

    /// <summary>Whether a block can begin with these bytes, however few there are.</summary>
    public static bool CanBegin(ReadOnlySpan<byte> bytes) =>
        bytes.Length <= Start.Length ? Start.StartsWith(bytes) : bytes.StartsWith(Start);

    /// <summary>Bytes that a block takes in the file, of which <see cref="ReadAsync"/> read all but the header.</summary>
    public static int LengthWithHeader(byte[] packed) => HeaderLength + packed.Length;

    /// <summary>Unpacks what <see cref="ReadAsync"/> read.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static byte[] Unpack(byte[] packed)
    {
        var trailer = packed.AsSpan(packed.Length - TrailerLength);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(trailer[sizeof(uint)..]);
        if (length > MaxLength)
            throw Damaged();
        var content = new byte[length];
        using (var deflate = new DeflateStream(new MemoryStream(packed, 0, packed.Length - TrailerLength), CompressionMode.Decompress))
        {
            if (deflate.ReadAtLeast(content, content.Length, throwOnEndOfStream: false) < content.Length || deflate.ReadByte() >= 0)
                throw Damaged();
        }

        return Crc32.HashToUInt32(content) == BinaryPrimitives.ReadUInt32LittleEndian(trailer) ? content : throw Damaged();
    }

    private static int LengthOf(ReadOnlySpan<byte> header)
    {
        var length = BinaryPrimitives.ReadUInt32LittleEndian(header[Start.Length..]);
        if (!header.StartsWith(Start) || length is < TrailerLength or > MaxLength)
            throw new InvalidDataException("This is no block of an export.");
        return (int)length;
    }

    private static InvalidDataException Damaged() => new("The block is damaged.");
}
