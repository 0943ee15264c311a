using System.Net;
using System.Text;
using IotBackend.IntegrationTests.Hosting;
using IotBackend.IntegrationTests.Tls;
using Xunit;

namespace IotBackend.IntegrationTests.Faults;

/// <summary>Clients that keep a server waiting are cut off, in each of the ways there are.</summary>
public sealed class SlowClientTests
{
    [Fact]
    public async Task Headers_that_do_not_end_are_cut_off()
    {
        await using var server = await StartAsync(("HeadersSeconds", "1"));
        using var slow = await RawConnection.OpenAsync(server.Url);
        await slow.SendAsync("GET /health/live HTTP/1.1\r\nHost: test\r\nX-Slow: ");

        var dribbling = DribbleAsync(slow);
        var said = await slow.ReadToEndAsync();

        await dribbling;
        Assert.Equal([408], RawConnection.Statuses(said));
    }

    [Fact]
    public async Task Handshake_that_does_not_come_is_cut_off()
    {
        await using var server = await HttpsServer.StartAsync("--Overload:HeadersSeconds=1");
        using var silent = await RawConnection.OpenAsync(server.Url);

        Assert.Empty(await silent.ReadToEndAsync());
    }

    [Fact]
    public async Task Connection_without_a_request_is_closed()
    {
        await using var server = await StartAsync(("IdleSeconds", "1"));
        using var idle = await RawConnection.OpenAsync(server.Url);
        await idle.SendAsync("GET /health/live HTTP/1.1\r\nHost: test\r\n\r\n");

        Assert.Equal([200], RawConnection.Statuses(await idle.ReadToEndAsync()));
    }

    [Fact]
    public async Task Body_that_stops_coming_is_cut_off()
    {
        await using var server = await StartAsync(("GraceSeconds", "1.1"));
        using var slow = await RawConnection.OpenAsync(server.Url);
        await slow.SendHeadAsync(Posting.One, server.AdminKey, "Content-Length: 1000");
        await slow.SendAsync("""{"device":""");

        AssertTooSlow(await slow.ReadToEndAsync());
    }

    [Fact]
    public async Task Body_that_comes_fast_enough_but_never_ends_is_cut_off()
    {
        await using var server = await StartAsync(("BodySeconds", "2"), ("MinBytesPerSecond", "1"), ("GraceSeconds", "60"));
        using var slow = await RawConnection.OpenAsync(server.Url);
        await slow.SendHeadAsync(Posting.Many, server.AdminKey, "Content-Length: 1000000", "Connection: close");

        var dribbling = DribbleAsync(slow);
        var said = await slow.ReadToEndAsync();

        await dribbling;
        AssertTooSlow(said);
    }

    [Fact]
    public async Task Client_that_does_not_read_is_cut_off()
    {
        const int questions = 40;
        await using var server = await StartAsync(("MinBytesPerSecond", "1000000"), ("GraceSeconds", "1.1"));
        await FillAsync(server);
        var question = $"GET /measurements?device=d&from=1970-01-01T00:00:00Z&limit=1000 HTTP/1.1\r\nHost: test\r\nX-API-Key: {server.AdminKey}\r\n";
        var all = new StringBuilder().Insert(0, question + "\r\n", questions - 1).Append(question).Append("Connection: close\r\n\r\n").ToString();

        // Who reads gets every answer, however many he asks for at a time.
        using var eager = await RawConnection.OpenAsync(server.Url);
        await eager.SendAsync(all);
        Assert.Equal(questions, RawConnection.Statuses(await eager.ReadToEndAsync()).Count);

        using var lazy = await RawConnection.OpenAsync(server.Url);
        await lazy.SendAsync(all);
        await Eventually.TrueAsync(() => !IsOpen(server, lazy), "the connection is cut");
        Assert.InRange(RawConnection.Statuses(await lazy.ReadToEndAsync()).Count, 0, questions - 1);
    }

    private static async Task<IotServer> StartAsync(params (string Name, string Value)[] limits) =>
        await IotServer.StartAsync(new() { Settings = limits.ToDictionary(limit => "Overload:" + limit.Name, limit => limit.Value) });

    // The server's end of the connection, in the kernel's table: reading would tell as well, and would not be what is tested.
    private static bool IsOpen(IotServer server, RawConnection connection)
    {
        const string established = "01";
        var (local, remote) = ($":{server.Url.Port:X4}", $":{connection.LocalPort:X4}");
        return File.ReadLines("/proc/net/tcp").Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Any(columns => columns[1].EndsWith(local, StringComparison.Ordinal) && columns[2].EndsWith(remote, StringComparison.Ordinal) && columns[3] == established);
    }

    private static async Task DribbleAsync(RawConnection connection)
    {
        try
        {
            for (var i = 0; i < 600; i++)
            {
                await connection.SendAsync(" ");
                await Eventually.PauseAsync(TimeSpan.FromMilliseconds(50));
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // Cut off.
        }
    }

    private static void AssertTooSlow(string said)
    {
        Assert.Equal([408], RawConnection.Statuses(said));
        Assert.Contains("\"error\":\"request_timeout\"", said, StringComparison.Ordinal);
    }

    private static async Task FillAsync(IotServer server)
    {
        var text = new string('x', 1000);
        var items = Enumerable.Range(0, 1000).Select(i => $$$"""{"device":"d","timestamp":{{{i}}},"fields":{"s":"{{{text}}}"}}""");
        using var response = await server.Client().PostJsonAsync(Posting.Many, $"[{string.Join(',', items)}]");
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }
}
