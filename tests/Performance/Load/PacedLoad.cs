using System.Diagnostics;
using System.Net.Sockets;

namespace IotBackend.Performance.Load;

/// <summary>
/// An open loop: requests leave at a fixed rate whether or not the server keeps up, and each is timed from the moment it was due,
/// so that a stall shows in all the requests it delayed. One thread on a core of its own polls the sockets without ever sleeping.
/// </summary>
internal sealed class PacedLoad(Uri server, int requestsPerSecond, Func<long, byte[]> request)
{
    private const int Connections = 128;
    private const int Stored = 201;

    /// <summary>Latencies in milliseconds, sorted, of the requests due after the warm-up.</summary>
    public double[] Run(TimeSpan warmUp, TimeSpan duration, CancellationToken cancellationToken)
    {
        var idle = new Stack<PacedConnection>();
        var busy = new List<PacedConnection>(Connections);
        for (var i = 0; i < Connections; i++)
            idle.Push(new PacedConnection(Connect()));
        try
        {
            return [.. Drive(idle, busy, warmUp, duration, cancellationToken).Order()];
        }
        finally
        {
            foreach (var connection in idle.Concat(busy))
                connection.Dispose();
        }
    }

    private List<double> Drive(
        Stack<PacedConnection> idle, List<PacedConnection> busy, TimeSpan warmUp, TimeSpan duration, CancellationToken cancellationToken)
    {
        var total = (long)((warmUp + duration).TotalSeconds * requestsPerSecond);
        var counted = (long)(warmUp.TotalSeconds * requestsPerSecond);
        var latencies = new List<double>((int)(total - counted));
        var start = Stopwatch.GetTimestamp();
        for (long sent = 0, received = 0; received < total;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var due = DueAt(start, sent); sent < total && idle.Count > 0 && due <= Stopwatch.GetTimestamp(); due = DueAt(start, ++sent))
            {
                var connection = idle.Pop();
                connection.Send(request(sent), due, counts: sent >= counted);
                busy.Add(connection);
            }

            for (var i = busy.Count - 1; i >= 0; i--)
            {
                if (!busy[i].TryReceive())
                    continue;
                if (busy[i].Status != Stored)
                    throw new InvalidOperationException($"Not stored: {busy[i].Answer}");
                received++;
                if (busy[i].Counts)
                    latencies.Add(Stopwatch.GetElapsedTime(busy[i].Due).TotalMilliseconds);
                idle.Push(busy[i]);
                busy.RemoveAt(i);
            }
        }

        return latencies;
    }

    private long DueAt(long start, long number) => start + (long)(number * (double)Stopwatch.Frequency / requestsPerSecond);

    private Socket Connect()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(server.Host, server.Port);
        return socket;
    }
}
