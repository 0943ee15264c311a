using System.Net.Sockets;
using Xunit;

namespace IotBackend.IntegrationTests.Hosting;

public sealed class FaultProxyTests : IAsyncDisposable
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(200);

    private readonly EchoServer _server = new();
    private readonly FaultProxy _proxy;

    public FaultProxyTests() => _proxy = FaultProxy.Start(_server.Url);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        _server.Dispose();
    }

    [Fact]
    public async Task Passes_what_is_said_both_ways_and_counts_it()
    {
        using var first = await CallAsync();
        using var second = await CallAsync();

        Assert.Equal(100_000, await SayAsync(first, 100_000));
        Assert.Equal(10, await SayAsync(second, 10));

        Assert.Equal(2, _proxy.Connections);
        Assert.Equal(100_010, _proxy.RequestBytes);
        Assert.Equal(100_010, _proxy.AnswerBytes);
    }

    [Fact]
    public async Task Passes_the_end_of_what_is_said()
    {
        using var connection = await CallAsync();
        await connection.SendAsync(new byte[10], Cancelled);
        connection.Shutdown(SocketShutdown.Send);

        Assert.Equal((10, false), await HearAsync(connection, 11));
    }

    [Fact]
    public async Task Refuses_connections_and_cuts_those_that_are_open_until_it_is_healed()
    {
        using var open = await CallAsync();
        await SayAsync(open, 1);

        _proxy.Refuse();

        Assert.Equal((0, true), await HearAsync(open, 1));
        var refused = await Assert.ThrowsAsync<SocketException>(CallAsync);
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
        _proxy.Heal();
        using var healed = await CallAsync();
        Assert.Equal(5, await SayAsync(healed, 5));
    }

    [Fact]
    public async Task Resets_a_connection_when_the_server_is_not_there()
    {
        _server.Dispose();
        using var connection = await CallAsync();

        await connection.SendAsync(new byte[1], Cancelled);

        Assert.Equal((0, true), await HearAsync(connection, 1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(999)]
    [InlineData(1000)]
    public async Task Cuts_a_request_after_so_many_bytes(int bytes)
    {
        using var connection = await CallAsync();
        await SayAsync(connection, 7);
        _proxy.BreakRequests(new LinkFault { CutAfter = bytes });
        _proxy.BreakAnswers(LinkFault.BlackHole);

        await connection.SendAsync(new byte[1000], Cancelled);

        Assert.Equal((0, true), await HearAsync(connection, 1));
        await Eventually.TrueAsync(() => _server.Heard == 7 + bytes, "the server heard just so much");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(999)]
    public async Task Ends_an_answer_after_so_many_bytes_as_if_it_were_whole(int bytes)
    {
        using var connection = await CallAsync();
        await SayAsync(connection, 7);
        _proxy.BreakAnswers(new LinkFault { EndAfter = bytes });

        await connection.SendAsync(new byte[1000], Cancelled);

        Assert.Equal((bytes, false), await HearAsync(connection, 1000));
        Assert.Equal(1007, _server.Heard);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(999)]
    public async Task Cuts_an_answer_after_so_many_bytes(int bytes)
    {
        using var connection = await CallAsync();
        _proxy.BreakAnswers(new LinkFault { CutAfter = bytes });

        await connection.SendAsync(new byte[1000], Cancelled);

        // A reset may overtake what came before it.
        var (heard, isReset) = await HearAsync(connection, 1000);
        Assert.True(isReset);
        Assert.InRange(heard, 0, bytes);
        Assert.Equal(bytes, _proxy.AnswerBytes);
    }

    [Fact]
    public async Task Limit_of_bytes_holds_anew_when_it_is_set_again()
    {
        _proxy.BreakAnswers(new LinkFault { EndAfter = 100 });
        using var connection = await CallAsync();
        Assert.Equal(90, await SayAsync(connection, 90));
        _proxy.BreakAnswers(new LinkFault { EndAfter = 100 });

        Assert.Equal(90, await SayAsync(connection, 90));

        await connection.SendAsync(new byte[90], Cancelled);
        Assert.Equal((10, false), await HearAsync(connection, 90));
    }

    [Fact]
    public async Task Black_hole_takes_connections_and_requests_and_says_nothing()
    {
        _proxy.BreakRequests(LinkFault.BlackHole);
        using var connection = await CallAsync();

        await connection.SendAsync(new byte[1000], Cancelled);

        await AssertSilentAsync(connection);
        Assert.Equal(0, _server.Heard);
        _proxy.Heal();
        Assert.Equal((0, true), await HearAsync(connection, 1));
        using var healed = await CallAsync();
        Assert.Equal(5, await SayAsync(healed, 5));
    }

    [Fact]
    public async Task Black_hole_for_answers_lets_requests_through()
    {
        _proxy.BreakAnswers(LinkFault.BlackHole);
        using var connection = await CallAsync();

        await connection.SendAsync(new byte[1000], Cancelled);
        await AssertSilentAsync(connection);
        await connection.SendAsync(new byte[1000], Cancelled);

        await Eventually.TrueAsync(() => _server.Heard == 2000, "the server heard it all");
        Assert.Equal(0, _proxy.AnswerBytes);
    }

    [Fact]
    public async Task Delays_requests_and_answers_until_it_is_healed()
    {
        using var connection = await CallAsync();
        _proxy.BreakRequests(new LinkFault { Delay = Moment });
        _proxy.BreakAnswers(new LinkFault { Delay = Moment });

        var began = TimeProvider.System.GetTimestamp();
        await SayAsync(connection, 10);
        Assert.InRange(TimeProvider.System.GetElapsedTime(began), 2 * Moment * 0.95, Eventually.Patience);

        _proxy.BreakRequests(new LinkFault { Delay = Eventually.Patience * 2 });
        var late = SayAsync(connection, 10);
        await Eventually.PauseAsync(Moment);
        Assert.False(late.IsCompleted);
        _proxy.Heal();
        Assert.Equal(10, await late);
    }

    [Fact]
    public async Task Limits_the_bytes_a_second()
    {
        using var connection = await CallAsync();
        _proxy.BreakRequests(new LinkFault { BytesPerSecond = 20_000 });

        var began = TimeProvider.System.GetTimestamp();
        await SayAsync(connection, 10_000);

        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.FromSeconds(0.45), Eventually.Patience);
    }

    private async Task<Socket> CallAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(_proxy.Url.Host, _proxy.Url.Port, Cancelled);
        return socket;
    }

    /// <summary>Says so many bytes and returns how many came back.</summary>
    private static async Task<int> SayAsync(Socket connection, int bytes)
    {
        await connection.SendAsync(new byte[bytes], Cancelled);
        return (await HearAsync(connection, bytes)).Bytes;
    }

    private static async Task<(int Bytes, bool IsReset)> HearAsync(Socket connection, int bytes)
    {
        var heard = 0;
        var buffer = new byte[4096];
        try
        {
            for (int read; heard < bytes && (read = await connection.ReceiveAsync(buffer, Cancelled).AsTask().WaitAsync(Eventually.Patience)) > 0;)
                heard += read;
            return (heard, false);
        }
        catch (SocketException)
        {
            return (heard, true);
        }
    }

    private static async Task AssertSilentAsync(Socket connection)
    {
        await Eventually.PauseAsync(Moment);
        Assert.Equal(0, connection.Available);
        Assert.False(connection.Poll(0, SelectMode.SelectRead), "The connection has ended.");
    }
}
