using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace IotBackend.Performance.Load;

/// <summary>A connection with at most one request in flight, and the moment at which that was due.</summary>
internal sealed class PacedConnection(Socket socket) : IDisposable
{
    private readonly byte[] _answer = new byte[16 * 1024];
    private int _received;

    public long Due { get; private set; }

    public bool Counts { get; private set; }

    /// <summary>The status of the last whole answer.</summary>
    public int Status { get; private set; }

    public Socket Socket => socket;

    public void Send(byte[] request, long due, bool counts)
    {
        (Due, Counts, _received) = (due, counts, 0);
        socket.Send(request);
    }

    /// <summary>True when the whole answer is there.</summary>
    /// <exception cref="InvalidOperationException">The server closed the connection.</exception>
    public bool TryReceive()
    {
        if (socket.Available == 0 && !socket.Poll(0, SelectMode.SelectRead))
            return false;
        var count = socket.Receive(_answer.AsSpan(_received));
        if (count == 0)
            throw new InvalidOperationException("The server closed the connection.");
        _received += count;
        var answer = _answer.AsSpan(0, _received);
        var bodyStart = answer.IndexOf("\r\n\r\n"u8) + 4;
        if (bodyStart < 4)
            return false;
        Status = int.Parse(answer["HTTP/1.1 ".Length..][..3], NumberStyles.None, CultureInfo.InvariantCulture);
        return _received >= bodyStart + BodyLength(answer[..bodyStart]);
    }

    /// <summary>What the server said last.</summary>
    public string Answer => Encoding.UTF8.GetString(_answer.AsSpan(0, _received));

    public void Dispose() => socket.Dispose();

    private static int BodyLength(ReadOnlySpan<byte> head)
    {
        var name = "Content-Length: "u8;
        var start = head.IndexOf(name) + name.Length;
        return start < name.Length
            ? throw new InvalidOperationException("The answer has no length.")
            : int.Parse(head[start..][..head[start..].IndexOf((byte)'\r')], NumberStyles.None, CultureInfo.InvariantCulture);
    }
}
