using System.Net;
using System.Net.Http.Json;
using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;
using IotBackend.Domain.Buckets;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Measurements;

/// <summary>What a watcher sees through HTTP, and how his stream ends.</summary>
public sealed class MeasurementStreamTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_stored_is_told_in_the_form_in_which_it_is_read()
    {
        await using var server = await AccessServer.StartAsync();
        var client = server.Client(server.AdminKey);
        await using var stream = await EventStream.OpenAsync(client);
        Assert.Equal("text/event-stream", stream.Response.Content.Headers.ContentType!.ToString());
        Assert.Equal(["no-store"], stream.Response.Headers.GetValues("Cache-Control"));
        Assert.Equal(["no"], stream.Response.Headers.GetValues("X-Accel-Buffering"));
        Assert.Single(stream.Response.Headers.GetValues("X-Request-ID"));

        await PostAsync(client, """[{"device":"a","fields":{"x":1.5,"door":true,"text":"line\nend"},"tags":{"location":"berlin"}},{"device":"b","name":"climate","fields":{"x":2}}]""");
        var told = new[] { await stream.NextMeasurementAsync(), await stream.NextMeasurementAsync() };

        var read = (await client.GetFromJsonAsync<System.Text.Json.Nodes.JsonNode>("/measurements?order=asc", Cancel))!["items"]!.AsArray();
        Assert.Equal(read.Select(item => item!.ToJsonString()), told.Select(item => item.ToJsonString()));
    }

    [Theory]
    [InlineData("?device=a&device=b", "a1,a2,b1")]
    [InlineData("?name=climate", "a2,c1")]
    [InlineData("?field=y", "b1")]
    [InlineData("?tag.location=berlin", "c1")]
    [InlineData("?device=a&name=climate", "a2")]
    public async Task Filters_are_those_of_reading(string query, string expected)
    {
        await using var server = await AccessServer.StartAsync();
        var client = server.Client(server.AdminKey);
        await using var stream = await EventStream.OpenAsync(client, query);
        await PostAsync(client, """
            [{"device":"a","fields":{"x":"a1"}},{"device":"a","name":"climate","fields":{"x":"a2"}},{"device":"b","fields":{"x":"b1","y":"b1"}},
             {"device":"c","name":"climate","fields":{"x":"c1"},"tags":{"location":"berlin"}}]
            """);
        var told = new List<string>();
        foreach (var _ in expected.Split(','))
            told.Add((string)(await stream.NextMeasurementAsync())["fields"]!.AsObject().First().Value!);
        Assert.Equal(expected.Split(','), told);
    }

    [Theory]
    [InlineData("?devices=a", null, "devices")]
    [InlineData("?from=-1h", null, "from")]
    [InlineData("?device=_a", null, "device")]
    [InlineData("?bucket=_b", null, "bucket")]
    [InlineData("", "5", "Last-Event-ID")]
    [InlineData("", "1-x", "Last-Event-ID")]
    public async Task Faults_are_told_before_a_stream_begins(string query, string? lastEventId, string field)
    {
        await using var server = await AccessServer.StartAsync();
        using var response = await EventStream.SendAsync(server.Client(server.AdminKey), query, lastEventId);
        var error = await response.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_parameter");
        error.ShouldTell(field, "invalid_parameter");
    }

    [Fact]
    public async Task Who_does_not_take_events_is_told_what_is_offered()
    {
        await using var server = await AccessServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/measurements/stream");
        request.Headers.Accept.ParseAdd("application/json");
        using var response = await server.Client(server.AdminKey).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        await response.ShouldFailAsync(HttpStatusCode.NotAcceptable, "not_acceptable");
    }

    [Fact]
    public async Task Key_sees_its_own_devices_and_bucket_alone()
    {
        await using var server = await AccessServer.StartAsync();
        var admin = server.Client(server.AdminKey);
        var limited = await server.ClientForAsync(key => key with { Scopes = Scopes.MeasurementsRead, Devices = [DevicePattern.Parse("own-*")] });
        await (await EventStream.SendAsync(limited, "?device=foreign")).ShouldFailAsync(HttpStatusCode.Forbidden, "device_not_allowed");
        var blind = await server.ClientForAsync(key => key with { Scopes = Scopes.MeasurementsWrite });
        await (await EventStream.SendAsync(blind)).ShouldFailAsync(HttpStatusCode.Forbidden, "insufficient_scope");
        var elsewhere = await server.ClientForAsync(key => key with { Scopes = Scopes.MeasurementsRead, Buckets = [BucketName.TryParse("other", out _)!] });
        await (await EventStream.SendAsync(elsewhere, "?bucket=default")).ShouldFailAsync(HttpStatusCode.Forbidden, "bucket_not_allowed");
        await (await EventStream.SendAsync(elsewhere)).ShouldFailAsync(HttpStatusCode.NotFound, "bucket_not_found");
        await (await EventStream.SendAsync(server.Client())).ShouldFailAsync(HttpStatusCode.Unauthorized, "missing_credentials");

        await using var stream = await EventStream.OpenAsync(limited);
        await PostAsync(admin, """[{"device":"foreign","fields":{"x":1}},{"device":"own-1","fields":{"x":2}}]""");
        Assert.Equal("own-1", (string?)(await stream.NextMeasurementAsync())["device"]);
    }

    [Fact]
    public async Task Stream_costs_one_request()
    {
        await using var server = await AccessServer.StartAsync(null, "--RateLimits:Tiers:few:Requests=2", "--RateLimits:Tiers:few:WindowSeconds=60");
        var client = await server.ClientForAsync(key => key with { Tier = "few" });
        await using var first = await EventStream.OpenAsync(client);
        Assert.True(first.Response.Headers.Contains("RateLimit"));
        await using var second = await EventStream.OpenAsync(client);
        await (await EventStream.SendAsync(client)).ShouldFailAsync(HttpStatusCode.TooManyRequests, "rate_limit_exceeded");
    }

    [Fact]
    public async Task Heartbeat_moves_the_id_while_nothing_matches()
    {
        await using var server = await AccessServer.StartAsync(null, "--Measurements:Live:HeartbeatSeconds=0.1");
        var client = server.Client(server.AdminKey);
        await using var stream = await EventStream.OpenAsync(client, "?device=nobody");
        var next = stream.NextAsync();
        await PostAsync(client, """[{"device":"a","fields":{"x":1}},{"device":"a","fields":{"x":2}}]""");
        await Eventually.TrueAsync(() => stream.LastEventId.EndsWith("-2", StringComparison.Ordinal), "a heartbeat tells how far the stream has come");
        Assert.False(next.IsCompleted);
    }

    [Fact]
    public async Task Key_and_server_have_so_many_streams_and_one_that_ends_makes_room()
    {
        await using var server = await AccessServer.StartAsync(null, "--Measurements:Live:MaxStreams=3", "--Measurements:Live:MaxStreamsPerKey=2");
        var (one, other) = (server.Client(await server.AddKeyAsync()), server.Client(await server.AddKeyAsync()));
        await using var first = await EventStream.OpenAsync(one);
        await using var second = await EventStream.OpenAsync(one);
        using (var third = await EventStream.SendAsync(one))
        {
            await third.ShouldFailAsync(HttpStatusCode.TooManyRequests, "too_many_streams");
            Assert.True(third.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1));
        }

        await using var third2 = await EventStream.OpenAsync(other);
        await (await EventStream.SendAsync(other)).ShouldFailAsync(HttpStatusCode.ServiceUnavailable, "overloaded");

        await second.DisposeAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                using var again = await EventStream.SendAsync(other);
                return again.StatusCode == HttpStatusCode.OK;
            },
            "a stream that has ended makes room");
    }

    [Fact]
    public async Task Revoked_changed_and_blocked_keys_end_their_streams_at_once_and_others_go_on()
    {
        await using var server = await AccessServer.StartAsync();
        var admin = server.Client(server.AdminKey);
        await using var stays = await EventStream.OpenAsync(admin);
        var streams = new List<EventStream>();
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            var token = await server.AddKeyAsync();
            streams.Add(await EventStream.OpenAsync(server.Client(token)));
            ids.Add(IdOf(token));
        }

        (await admin.DeleteAsync($"/admin/keys/{ids[0]}", Cancel)).EnsureSuccessStatusCode();
        await Within(TimeSpan.FromSeconds(5), () => streams[0].AssertEndsAsync("invalid_credentials"));
        (await admin.PatchAsJsonAsync($"/admin/keys/{ids[1]}", new { devices = new[] { "a" } }, Cancel)).EnsureSuccessStatusCode();
        await Within(TimeSpan.FromSeconds(5), () => streams[1].AssertEndsAsync("key_changed"));
        (await admin.PostAsJsonAsync("/admin/blocks", new { kind = "key", value = ids[2], reason = "test" }, Cancel)).EnsureSuccessStatusCode();
        await Within(TimeSpan.FromSeconds(5), () => streams[2].AssertEndsAsync("blocked"));

        await PostAsync(admin, """[{"device":"a","fields":{"x":1}}]""");
        await stays.NextMeasurementAsync();
        foreach (var stream in streams)
            await stream.DisposeAsync();
    }

    [Fact]
    public async Task Expired_key_ends_its_stream()
    {
        await using var server = await AccessServer.StartAsync();
        await using var stream = await EventStream.OpenAsync(await server.ClientForAsync(key => key with { ExpiresAt = TimeProvider.System.GetUtcNow().AddSeconds(2) }));
        await Within(TimeSpan.FromSeconds(16), () => stream.AssertEndsAsync("invalid_credentials"));
    }

    [Fact]
    public async Task Streams_end_when_the_program_does_and_do_not_hold_it_up()
    {
        await using var server = await IotServer.StartAsync();
        var streams = new List<EventStream>();
        for (var i = 0; i < 20; i++)
            streams.Add(await EventStream.OpenAsync(server.Client()));
        var began = TimeProvider.System.GetTimestamp();
        var stopping = server.StopAsync();
        foreach (var stream in streams)
            await stream.AssertEndsAsync("server_stops");
        Assert.Equal(0, await stopping);
        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(15));
        foreach (var stream in streams)
            await stream.DisposeAsync();
    }

    private static async Task PostAsync(HttpClient client, string json) =>
        await (await client.PostJsonAsync(Posting.Many, json)).ShouldBeAsync(HttpStatusCode.Created);

    private static string IdOf(string token)
    {
        Assert.True(ApiKeyToken.TryParse(token, out var id, out _));
        return id.ToString();
    }

    private static Task Within(TimeSpan time, Func<Task> act) => act().WaitAsync(time, TimeProvider.System, Cancel);
}
