namespace IotBackend.Api.Mqtt;

/// <summary>
/// Follows the packets in a stream of bytes by their fixed headers: a byte that tells the kind, and the length of the rest in one to four bytes of seven bits,
/// the lowest first. A length that goes on beyond that is left to whoever reads the packet.
/// </summary>
internal struct PacketFrame
{
    private const int MaxLengthBytes = 4;

    private long _rest;
    private int _headerBytes;
    private bool _isInBody;

    /// <summary>Bytes of the current packet with its header, as soon as they are known; else 0.</summary>
    public long TotalBytes { get; private set; }

    /// <summary>Whether a packet has begun of which something is missing.</summary>
    public readonly bool IsOpen => _headerBytes > 0;

    /// <summary>Goes on by bytes, at most to the end of a header or of a packet.</summary>
    /// <returns>How many bytes were taken.</returns>
    public int Take(ReadOnlySpan<byte> bytes)
    {
        if (_isInBody)
            return TakeBody(bytes.Length);
        for (var i = 0; i < bytes.Length; i++)
        {
            if (TakeHeader(bytes[i]))
                return i + 1;
        }

        return bytes.Length;
    }

    private int TakeBody(int count)
    {
        var taken = (int)Math.Min(count, _rest);
        _rest -= taken;
        if (_rest == 0)
            this = default;
        return taken;
    }

    // True at the end of the header.
    private bool TakeHeader(byte next)
    {
        if (_headerBytes++ == 0)
        {
            TotalBytes = 0;
            return false;
        }

        _rest |= (long)(next & 0x7F) << (7 * (_headerBytes - 2));
        if (next >= 0x80 && _headerBytes <= MaxLengthBytes)
            return false;
        (TotalBytes, _isInBody) = (_headerBytes + _rest, true);
        if (_rest == 0)
            this = new PacketFrame { TotalBytes = TotalBytes };
        return true;
    }
}
