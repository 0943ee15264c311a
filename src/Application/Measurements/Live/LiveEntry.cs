namespace IotBackend.Application.Measurements.Live;

/// <summary>A packet in the log of recent events, or a place where some may be missing.</summary>
/// <param name="Number">That of its first measurement.</param>
/// <param name="Count">How many measurements; 1 for a gap.</param>
/// <param name="UnixMilliseconds">When it came.</param>
/// <param name="Packet">As <see cref="LivePacket"/> writes it; empty for a gap.</param>
internal readonly record struct LiveEntry(long Number, int Count, long UnixMilliseconds, ReadOnlyMemory<byte> Packet)
{
    // What the places of the log take beside the packets.
    private const int Overhead = 64;

    public bool IsGap => Packet.IsEmpty;

    public int Bytes => Packet.Length + Overhead;

    public long Next => Number + Count;
}
