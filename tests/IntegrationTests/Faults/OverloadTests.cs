using System.Net;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Faults;

/// <summary>What is taken on at a time, at N and at N + 1.</summary>
public sealed class OverloadTests
{
    private const string Work = "/measurements/latest";
    private const string Measurement = """{"device":"d","fields":{"v":1}}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connection_beyond_the_limit_is_closed_and_one_that_ends_makes_room()
    {
        const int limit = 6;
        await using var server = await StartAsync(("MaxConnections", "6"));
        var open = new Stack<RawConnection>();
        try
        {
            // The client that waited for readiness holds one.
            while (open.Count < limit - 1)
                open.Push(await AnsweredAsync(server));
            Assert.Null(await TryConnectAsync(server));

            open.Pop().Dispose();

            open.Push(await Eventually.GetAsync(() => TryConnectAsync(server), "there is room again"));
        }
        finally
        {
            foreach (var connection in open)
                connection.Dispose();
        }
    }

    [Fact]
    public async Task Request_beyond_the_limit_is_refused_until_another_one_ends()
    {
        await using var server = await StartAsync(("MaxRequests", "3"), ("MaxWaiting", "0"));
        using var first = await HangingAsync(server);
        using var second = await HangingAsync(server);
        await StaysAsync(server, HttpStatusCode.OK);
        using var third = await HangingAsync(server);

        using var refused = await server.Client().GetAsync(Work, Cancellation);
        await AssertRefusedAsync(refused);
        using var anonymous = await server.Anonymous().GetAsync(Work, Cancellation);
        await AssertRefusedAsync(anonymous);

        await first.SendAsync(Measurement);
        Assert.Equal([201], RawConnection.Statuses(await first.ReadToEndAsync()));
        await BecomesAsync(server, HttpStatusCode.OK);
    }

    [Fact]
    public async Task Refusal_comes_without_waiting_for_the_body()
    {
        await using var server = await StartAsync(("MaxRequests", "1"), ("MaxWaiting", "0"));
        using var busy = await HangingAsync(server);

        using var announcing = await RawConnection.OpenAsync(server.Url);
        await announcing.SendHeadAsync(Posting.Many, server.AdminKey, "Content-Length: 8000000", "Connection: close", "Expect: 100-continue");

        Assert.Equal([503], RawConnection.Statuses(await announcing.ReadToEndAsync()));
    }

    [Fact]
    public async Task Health_of_the_process_is_told_whatever_else_is_asked()
    {
        await using var server = await StartAsync(("MaxRequests", "1"), ("MaxWaiting", "0"));
        using var busy = await HangingAsync(server);

        foreach (var path in new[] { "/health/live", "/health/ready" })
        {
            using var response = await server.Anonymous().GetAsync(path, Cancellation);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Fact]
    public async Task One_request_waits_for_its_turn_and_the_next_is_refused_at_once()
    {
        await using var server = await StartAsync(("MaxRequests", "1"), ("MaxWaiting", "1"), ("MaxWaitSeconds", "60"));
        using var busy = await HangingAsync(server);
        var (one, other) = (server.Client().GetAsync(Work, Cancellation), server.Client().GetAsync(Work, Cancellation));

        var first = await Task.WhenAny(one, other);
        using var refused = await first;
        await AssertRefusedAsync(refused);
        var waiting = first == one ? other : one;
        Assert.False(waiting.IsCompleted);
        await busy.SendAsync(Measurement);

        using var served = await waiting;
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
    }

    [Fact]
    public async Task Request_that_has_waited_too_long_is_refused()
    {
        await using var server = await StartAsync(("MaxRequests", "1"), ("MaxWaiting", "10"), ("MaxWaitSeconds", "0.3"));
        using var busy = await HangingAsync(server);

        var began = TimeProvider.System.GetTimestamp();
        using var refused = await server.Client().GetAsync(Work, Cancellation);

        await AssertRefusedAsync(refused);
        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.FromSeconds(0.25), TimeSpan.FromSeconds(10));
        await busy.SendAsync(Measurement);
        await BecomesAsync(server, HttpStatusCode.OK);
    }

    // A body of 64 KiB and the byte that tells too many take a buffer of 128 KiB: eight of them fill the MiB.
    [Fact]
    public async Task Body_for_which_there_is_no_memory_is_refused_until_another_one_is_done()
    {
        const int bodyBytes = 64 << 10;
        await using var server = await StartAsync(
            new Dictionary<string, string> { ["Measurements:Limits:BatchBytes"] = "65536" }, ("MaxBodyBytes", "1048576"));
        var held = new List<RawConnection>();
        try
        {
            for (var i = 0; i < 7; i++)
                held.Add(await HangingAsync(server, Posting.Many, bodyBytes));
            using var eighth = await PostBatchAsync(server, bodyBytes);
            Assert.Equal(HttpStatusCode.Created, eighth.StatusCode);

            // What the answered one took is given back when all of it is over, a moment after its answer.
            held.Add(await Eventually.GetAsync(() => TryHangAsync(server, Posting.Many, bodyBytes), "the eighth body has room"));
            using var ninth = await PostBatchAsync(server, bodyBytes);
            await AssertRefusedAsync(ninth);
            await StaysAsync(server, HttpStatusCode.OK);

            held[0].Dispose();

            await Eventually.TrueAsync(async () => !await IsBatchRefusedAsync(server, bodyBytes), "there is room again");
        }
        finally
        {
            held.ForEach(connection => connection.Dispose());
        }
    }

    [Fact]
    public async Task Refusals_are_told_by_a_line_now_and_then()
    {
        await using var server = await StartAsync(("MaxRequests", "1"), ("MaxWaiting", "0"));
        using var busy = await HangingAsync(server);

        for (var i = 0; i < 100; i++)
            (await server.Client().GetAsync(Work, Cancellation)).Dispose();

        Assert.InRange(server.Output.Lines.Count(line => line.Contains("Overloaded: ", StringComparison.Ordinal)), 1, 5);
        Assert.DoesNotContain(server.Output.Lines, line => line.Contains("fail:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Memory_that_could_never_hold_a_batch_stops_the_start()
    {
        using var folder = new TemporaryFolder();
        using var process = ServerProcess.Start(folder.Combine("data"), new() { Settings = new Dictionary<string, string> { ["Overload:MaxBodyBytes"] = "1048576" } });
        Assert.NotEqual(0, await process.WaitForExitAsync());
        Assert.StartsWith("Configuration: Overload: MaxBodyBytes must be at least", Assert.Single(process.Output.Lines), StringComparison.Ordinal);
    }

    private static Task<IotServer> StartAsync(params (string Name, string Value)[] limits) => StartAsync([], limits);

    private static Task<IotServer> StartAsync(Dictionary<string, string> settings, params (string Name, string Value)[] limits)
    {
        foreach (var (name, value) in limits)
            settings["Overload:" + name] = value;
        settings["Overload:GraceSeconds"] = "60";
        return IotServer.StartAsync(new() { Settings = settings });
    }

    /// <summary>A request whose body does not come yet: the server has begun to read it, as its word to go on shows, and works on it until it has come.</summary>
    private static async Task<RawConnection> HangingAsync(IotServer server, string path = Posting.One, int? length = null) =>
        await TryHangAsync(server, path, length ?? Measurement.Length) ?? throw new InvalidOperationException("The request was refused.");

    private static async Task<RawConnection?> TryHangAsync(IotServer server, string path, int length)
    {
        var connection = await RawConnection.OpenAsync(server.Url);
        await connection.SendHeadAsync(path, server.AdminKey, $"Content-Length: {length}", "Connection: close", "Expect: 100-continue");
        if ((await connection.ReadSomeAsync()).StartsWith("HTTP/1.1 100 ", StringComparison.Ordinal))
            return connection;
        connection.Dispose();
        return null;
    }

    private static async Task<RawConnection> AnsweredAsync(IotServer server) =>
        await TryConnectAsync(server) ?? throw new InvalidOperationException("The connection was closed.");

    private static async Task<RawConnection?> TryConnectAsync(IotServer server)
    {
        var connection = await RawConnection.OpenAsync(server.Url);
        try
        {
            await connection.SendAsync("GET /health/live HTTP/1.1\r\nHost: test\r\n\r\n");
            if ((await connection.ReadSomeAsync()).StartsWith("HTTP/1.1 200", StringComparison.Ordinal))
                return connection;
        }
        catch (IOException)
        {
            // Closed before the question was out.
        }

        connection.Dispose();
        return null;
    }

    private static async Task<bool> IsBatchRefusedAsync(IotServer server, int bytes)
    {
        using var response = await PostBatchAsync(server, bytes);
        return response.StatusCode == HttpStatusCode.ServiceUnavailable;
    }

    private static Task<HttpResponseMessage> PostBatchAsync(IotServer server, int bytes) =>
        server.Client().PostJsonAsync(Posting.Many, $"[{Measurement}]".PadRight(bytes));

    private static Task BecomesAsync(IotServer server, HttpStatusCode status) =>
        Eventually.TrueAsync(async () => await StatusAsync(server) == status, $"the answer is {status}");

    private static async Task StaysAsync(IotServer server, HttpStatusCode status)
    {
        for (var i = 0; i < 20; i++)
            Assert.Equal(status, await StatusAsync(server));
    }

    private static async Task<HttpStatusCode> StatusAsync(IotServer server)
    {
        using var response = await server.Client().GetAsync(Work, Cancellation);
        return response.StatusCode;
    }

    private static async Task AssertRefusedAsync(HttpResponseMessage response)
    {
        var error = await response.ShouldFailAsync(HttpStatusCode.ServiceUnavailable, "overloaded");
        Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter?.Delta);
        Assert.Equal(1, error.Details?.GetProperty("retryAfterSeconds").GetInt32());
    }
}
