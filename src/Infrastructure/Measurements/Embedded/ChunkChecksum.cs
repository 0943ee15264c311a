using System.Buffers.Binary;
using System.IO.Hashing;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>The last four bytes of a chunk: half of XXH3 over all bytes before them.</summary>
internal static class ChunkChecksum
{
    public const int Length = sizeof(uint);

    public static uint Of(ReadOnlySpan<byte> payload) => (uint)XxHash3.HashToUInt64(payload);

    public static bool Holds(ReadOnlySpan<byte> chunk) =>
        chunk.Length >= Length && BinaryPrimitives.ReadUInt32LittleEndian(chunk[^Length..]) == Of(chunk[..^Length]);
}
