using System.Net;
using System.Net.Sockets;
using System.Text;

namespace IotBackend.IntegrationTests.Security;

/// <summary>
/// Stands where InfluxDB should, and begins an answer to everything that never ends. Speaks by the socket itself, to know how much of it was taken.
/// </summary>
internal sealed class EndlessInflux : IAsyncDisposable
{
    private static readonly byte[] Head = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nX-Influxdb-Version: 1.11.8\r\nContent-Type: application/json\r\n\r\n");
    private static readonly byte[] Spaces = Encoding.ASCII.GetBytes(new string(' ', 64 << 10));

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _accepting;
    private long _longestAnswer;

    public EndlessInflux()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>Bytes of the longest answer that the other side let come.</summary>
    public long LongestAnswer => Volatile.Read(ref _longestAnswer);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var answers = new List<Task>();
        try
        {
            while (true)
                answers.Add(AnswerAsync(await _listener.AcceptSocketAsync(_end.Token)));
        }
        finally
        {
            await Task.WhenAll(answers);
        }
    }

    private async Task AnswerAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                // Whatever was asked; the first bytes of it suffice.
                await socket.ReceiveAsync(new byte[64 << 10], _end.Token);
                await socket.SendAsync(Head, _end.Token);
                for (var said = (long)Spaces.Length; ; said += Spaces.Length)
                {
                    await socket.SendAsync(Spaces, _end.Token);
                    InterlockedMax(said);
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException)
            {
                // The program has heard enough, or the test has.
            }
        }
    }

    private void InterlockedMax(long said)
    {
        for (var known = Volatile.Read(ref _longestAnswer); said > known; known = Volatile.Read(ref _longestAnswer))
            Interlocked.CompareExchange(ref _longestAnswer, said, known);
    }
}
