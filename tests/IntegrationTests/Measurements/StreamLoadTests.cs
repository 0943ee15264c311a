using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Measurements;

/// <summary>Many watchers, watchers who come and go, and one who never reads, while others write.</summary>
[Collection(AloneCollection.Name)]
public sealed class StreamLoadTests(ITestOutputHelper output)
{
    private const int Watchers = 1_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Watcher_who_comes_and_goes_is_told_of_each_measurement_once_and_in_order()
    {
        const int count = 3_000;
        await using var server = await IotServer.StartAsync();
        var (writer, reader) = (server.Client(), server.Client());
        var stream = await EventStream.OpenAsync(reader);
        var seen = new List<int>();
        var connections = 1;
        var writing = WriteAsync(writer, count);
        while (seen.Count < count)
        {
            seen.Add((int)(double)(await stream.NextMeasurementAsync())["fields"]!["x"]!);
            if (seen.Count % 97 != 0)
                continue;
            var last = stream.LastEventId;
            await stream.DisposeAsync();
            stream = await EventStream.OpenAsync(reader, lastEventId: last);
            connections++;
        }

        await writing;
        await stream.DisposeAsync();
        Assert.Equal(Enumerable.Range(0, count), seen);
        output.WriteLine($"{count} measurements over {connections} connections.");
    }

    [Fact]
    public async Task Thousand_watchers_are_all_told_and_posts_are_answered_beside_them()
    {
        await using var server = await IotServer.StartAsync(new IotServerOptions
        {
            // Fewer requests at a time than there are watchers: a watcher is none.
            Settings = new Dictionary<string, string> { ["Measurements:Live:MaxStreamsPerKey"] = "1000", ["Overload:MaxRequests"] = "16", ["Overload:MaxWaiting"] = "16" },
        });
        var client = server.Client();
        await WriteAsync(client, 10);
        var before = ResidentBytes(server);
        var streams = new List<EventStream>();
        for (var i = 0; i < Watchers; i++)
            streams.Add(await EventStream.OpenAsync(client));
        await (await EventStream.SendAsync(client)).ShouldFailAsync(HttpStatusCode.TooManyRequests, "too_many_streams");
        var between = ResidentBytes(server);

        var began = TimeProvider.System.GetTimestamp();
        await WriteAsync(client, 1);
        await Task.WhenAll(streams.Select(stream => stream.NextMeasurementAsync()));
        var latency = TimeProvider.System.GetElapsedTime(began);
        await WriteAsync(client, 100);
        var last = await Task.WhenAll(streams.Select(stream => LastOfAsync(stream, 100)));

        Assert.All(last, value => Assert.Equal(99, value));
        var after = ResidentBytes(server);
        output.WriteLine($"{Watchers} watchers were told within {latency.TotalMilliseconds:N0} ms. Resident: {before >> 20} MiB, with them {between >> 20} MiB, after 100 events {after >> 20} MiB.");
        Assert.InRange(after - before, long.MinValue, Watchers * (200L << 10));
        foreach (var stream in streams)
            await stream.DisposeAsync();
    }

    [Fact]
    public async Task Watcher_who_never_reads_is_cut_off_and_slows_nobody_down()
    {
        await using var server = await IotServer.StartAsync(new IotServerOptions
        {
            Settings = new Dictionary<string, string> { ["Measurements:Live:BufferBytes"] = "1048576", ["Overload:GraceSeconds"] = "2" },
        });
        var client = server.Client();
        var alone = await MeasureAsync(() => WriteLargeAsync(client));
        using var socket = await OpenUnreadAsync(server);
        await using var other = await EventStream.OpenAsync(client, "?device=other");

        var memory = ResidentBytes(server);
        var beside = await MeasureAsync(() => WriteLargeAsync(client));
        output.WriteLine($"Alone {alone.TotalMilliseconds:N0} ms, beside one who never reads {beside.TotalMilliseconds:N0} ms; {(ResidentBytes(server) - memory) >> 20} MiB more.");
        Assert.InRange(beside, TimeSpan.Zero, (alone * 4) + TimeSpan.FromSeconds(2));

        (await client.PostJsonAsync(Posting.One, """{"device":"other","fields":{"x":1}}""")).EnsureSuccessStatusCode();
        Assert.Equal("other", (string?)(await other.NextMeasurementAsync())["device"]);
        await Eventually.TrueAsync(() => IsClosed(socket), "who never reads is cut off");
    }

    private static async Task WriteAsync(HttpClient client, int count)
    {
        for (var i = 0; i < count; i++)
        {
            using var response = await client.PostJsonAsync(Posting.One, $$$"""{"device":"a","fields":{"x":{{{i.ToString(CultureInfo.InvariantCulture)}}}}}""");
            Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        }
    }

    // Some 30 MB, which no buffer between server and reader holds.
    private static async Task WriteLargeAsync(HttpClient client)
    {
        var text = new string('t', 1_000);
        var batch = $"[{string.Join(',', Enumerable.Range(0, 1_000).Select(i => $$$"""{"device":"a","fields":{"n":{{{i}}},"text":"{{{text}}}"}}"""))}]";
        for (var i = 0; i < 30; i++)
        {
            using var response = await client.PostJsonAsync(Posting.Many, batch);
            Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        }
    }

    private static async Task<int> LastOfAsync(EventStream stream, int count)
    {
        var last = -1;
        for (var i = 0; i < count; i++)
            last = (int)(double)(await stream.NextMeasurementAsync())["fields"]!["x"]!;
        return last;
    }

    private static async Task<TimeSpan> MeasureAsync(Func<Task> act)
    {
        var began = TimeProvider.System.GetTimestamp();
        await act();
        return TimeProvider.System.GetElapsedTime(began);
    }

    private static async Task<Socket> OpenUnreadAsync(IotServer server)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4_096 };
        await socket.ConnectAsync(server.Url.Host, server.Url.Port, Cancel);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET /measurements/stream HTTP/1.1\r\nHost: test\r\nX-API-Key: {server.AdminKey}\r\n\r\n"), Cancel);
        var head = new byte[16];
        await socket.ReceiveAsync(head, Cancel);
        Assert.StartsWith("HTTP/1.1 200", Encoding.ASCII.GetString(head), StringComparison.Ordinal);
        return socket;
    }

    // A reset shows when something is sent; the buffer of what was never read does not.
    private static bool IsClosed(Socket socket)
    {
        try
        {
            socket.Send("x"u8);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    private static long ResidentBytes(IotServer server)
    {
        using var process = Process.GetProcessById(server.ProcessId);
        return process.WorkingSet64;
    }
}
