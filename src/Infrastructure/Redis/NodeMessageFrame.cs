using System.Diagnostics.CodeAnalysis;

namespace IotBackend.Infrastructure.Redis;

/// <summary>
/// A message as it goes through Redis: the version of the format, its kind, the sending node, and then what is told. Another version is not
/// understood, and left alone; whatever must change gets a new one.
/// </summary>
/// <param name="Kind">What it is.</param>
/// <param name="Node">Who sends it; new with every start.</param>
/// <param name="Payload">What is told.</param>
internal readonly record struct NodeMessageFrame(NodeMessageKind Kind, Guid Node, ReadOnlyMemory<byte> Payload)
{
    public const byte Version = 1;

    private const int KindAt = 1;
    private const int NodeAt = 2;
    private const int PayloadAt = 18;

    public byte[] Encode()
    {
        var bytes = new byte[PayloadAt + Payload.Length];
        bytes[0] = Version;
        bytes[KindAt] = (byte)Kind;
        Node.TryWriteBytes(bytes.AsSpan(NodeAt), bigEndian: true, out _);
        Payload.CopyTo(bytes.AsMemory(PayloadAt));
        return bytes;
    }

    /// <summary>False for what another version, or another program, has sent.</summary>
    public static bool TryDecode([NotNullWhen(true)] byte[]? bytes, out NodeMessageFrame frame)
    {
        frame = default;
        if (bytes is null || bytes.Length < PayloadAt || bytes[0] != Version || bytes[KindAt] > (byte)NodeMessageKind.Beat)
            return false;
        frame = new NodeMessageFrame((NodeMessageKind)bytes[KindAt], new Guid(bytes.AsSpan(NodeAt, PayloadAt - NodeAt), bigEndian: true), bytes.AsMemory(PayloadAt));
        return true;
    }
}

/// <summary>The numbers are part of the format.</summary>
internal enum NodeMessageKind : byte
{
    /// <summary>For the subscribers of the topic.</summary>
    Message = 0,

    /// <summary>The sender could not send some messages of the topic: they are missed.</summary>
    Missed = 1,

    /// <summary>The sender listens whether its own messages come back, or tells that it lives. Nobody misses one.</summary>
    Beat = 2,
}
