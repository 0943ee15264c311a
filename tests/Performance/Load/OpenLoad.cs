using System.Diagnostics;
using System.Net.Sockets;

namespace IotBackend.Performance.Load;

/// <summary>
/// An open loop that goes on whatever the server answers: requests are due at a fixed rate, as from a fleet whose devices do not know of each
/// other, and each is timed from the moment it was due. One that is due while every connection still waits for its answer is not sent, and
/// counted. Answers are looked for every half millisecond, with one question to the kernel for all connections.
/// </summary>
internal sealed class OpenLoad(Uri server, int requestsPerSecond, int connections, Func<long, byte[]> request)
{
    private const int Stored = 201;
    private const int Refused = 503;

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(0.5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Stack<PacedConnection> _idle = new();
    private readonly Dictionary<Socket, PacedConnection> _busy = [];
    private readonly List<double> _accepted = [];
    private readonly List<double> _refused = [];

    /// <exception cref="InvalidOperationException">The server answered with neither 201 nor 503, not at all, or closed a connection.</exception>
    public OpenLoadResult Run(TimeSpan duration, CancellationToken cancellationToken)
    {
        try
        {
            for (var i = 0; i < connections; i++)
                _idle.Push(new PacedConnection(Connect()));
            var start = Stopwatch.GetTimestamp();
            var unsent = Send(start, duration, cancellationToken);
            var end = Stopwatch.GetTimestamp();
            while (_busy.Count > 0)
            {
                Receive();
                if (Stopwatch.GetElapsedTime(end) > Patience)
                    throw new InvalidOperationException($"{_busy.Count} requests were never answered.");
            }

            return new OpenLoadResult(duration, unsent, [.. _accepted.Order()], [.. _refused.Order()]);
        }
        finally
        {
            foreach (var connection in _idle.Concat(_busy.Values))
                connection.Dispose();
        }
    }

    private long Send(long start, TimeSpan duration, CancellationToken cancellationToken)
    {
        var total = (long)(duration.TotalSeconds * requestsPerSecond);
        long unsent = 0;
        for (long number = 0; number < total;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var sinceGlance = Stopwatch.GetTimestamp();
            while (number < total && DueAt(start, number) <= Stopwatch.GetTimestamp() && Stopwatch.GetElapsedTime(sinceGlance) < Glance)
            {
                if (!TrySend(number, DueAt(start, number)))
                    unsent++;
                number++;
            }

            Receive();
        }

        return unsent;
    }

    private bool TrySend(long number, long due)
    {
        if (!_idle.TryPop(out var connection))
            return false;
        connection.Send(request(number), due, counts: true);
        _busy.Add(connection.Socket, connection);
        return true;
    }

    private void Receive()
    {
        if (_busy.Count == 0)
            return;
        var answered = _busy.Keys.ToList();
        Socket.Select(answered, null, null, Glance);
        foreach (var socket in answered)
        {
            var connection = _busy[socket];
            if (!connection.TryReceive())
                continue;
            Count(connection);
            _busy.Remove(socket);
            _idle.Push(connection);
        }
    }

    private void Count(PacedConnection connection)
    {
        var latencies = connection.Status switch
        {
            Stored => _accepted,
            Refused => _refused,
            _ => throw new InvalidOperationException($"Neither stored nor refused: {connection.Answer}"),
        };
        latencies.Add(Stopwatch.GetElapsedTime(connection.Due).TotalMilliseconds);
    }

    private long DueAt(long start, long number) => start + (long)(number * (double)Stopwatch.Frequency / requestsPerSecond);

    private Socket Connect()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(server.Host, server.Port);
        return socket;
    }
}

/// <summary>What became of the requests of an open loop.</summary>
/// <param name="Duration">How long it went on.</param>
/// <param name="Unsent">Requests that were due while no connection was free.</param>
/// <param name="AcceptedMs">Latencies of stored ones in milliseconds, sorted.</param>
/// <param name="RefusedMs">Latencies of refused ones in milliseconds, sorted.</param>
internal sealed record OpenLoadResult(TimeSpan Duration, long Unsent, double[] AcceptedMs, double[] RefusedMs)
{
    public double SentPerSecond => (AcceptedMs.Length + RefusedMs.Length) / Duration.TotalSeconds;

    public double AcceptedPerSecond => AcceptedMs.Length / Duration.TotalSeconds;

    public double RefusedPerSecond => RefusedMs.Length / Duration.TotalSeconds;
}
