using System.Text.Json.Nodes;
using Xunit;

namespace IotBackend.IntegrationTests.Influx.Strict;

public sealed class StrictInflux3Tests(StrictServerFixture fixture) : IClassFixture<StrictServerFixture>
{
    private const string Write = "/api/v3/write_lp?db=b&precision=nanosecond&accept_partial=true";
    private const string Configure = "/api/v3/configure/database";

    [Fact]
    public async Task What_was_written_is_read_back()
    {
        await using var server = await fixture.Start3Async();
        using var caller = Caller(server);

        Assert.Equal(204, (await caller.WriteAsync(Write, "m,device=a\\\\\\,b v=1.5 5\nm,device=c v=2 6\n")).Status);
        var answer = await caller.QueryAsync("db=b", "SELECT *::field FROM /^m/ WHERE time >= 0 GROUP BY *");

        var series = JsonNode.Parse(answer.Body)!["results"]![0]!["series"]!.AsArray();
        Assert.Equal(["c", "a\\,b"], series.Select(one => one!["tags"]!["device"]!.GetValue<string>()));
        Assert.Equal("[[5,1.5]]", series[1]!["values"]!.ToJsonString());
        Assert.Empty(server.Deviations);
    }

    [Fact]
    public async Task Bad_lines_are_told_and_the_others_stored()
    {
        await using var server = await fixture.Start3Async();
        using var caller = Caller(server);

        var answer = await caller.WriteAsync(Write, "m,t=1 v=1 1\nm,t=1 v=true 2\nm v= 3\nm t=4 4\nm,time=x v=5 5\nm,t=2 v=6 6\n");

        Assert.Equal(400, answer.Status);
        var body = JsonNode.Parse(answer.Body)!;
        Assert.Equal("partial write of line protocol occurred", body["error"]!.GetValue<string>());
        Assert.Equal([2, 3, 4, 5], body["data"]!.AsArray().Select(line => line!["line_number"]!.GetValue<int>()));
        Assert.Equal(
            "invalid column type for column 'v', expected iox::column_type::field::float, got iox::column_type::field::boolean",
            body["data"]![0]!["error_message"]!.GetValue<string>());
        Assert.Contains("[[1,\"1\",1],[6,\"2\",6]]", (await caller.QueryAsync("db=b", "SELECT * FROM m")).Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(498, 204)]
    [InlineData(499, 422)]
    public async Task A_table_has_room_for_500_columns_and_one_is_the_time(int fields, int status)
    {
        await using var server = await fixture.Start3Async();
        using var caller = Caller(server);

        var line = $"m,t=1 {string.Join(',', Enumerable.Range(0, fields).Select(i => $"f{i}=1"))} 1\n";

        Assert.Equal(status, (await caller.WriteAsync(Write, line)).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Bearer another")]
    [InlineData("Basic apiv3_a-token-of-3.x==")]
    public async Task Nothing_is_answered_without_the_token(string authorization)
    {
        await using var server = await fixture.Start3Async();
        using var caller = new StrictCaller(server, authorization);

        Assert.Equal(401, (await caller.GetAsync("/ping")).Status);
        Assert.Equal(401, (await caller.GetAsync("/health")).Status);
        Assert.Equal(401, (await caller.WriteAsync(Write, "m v=1 1\n")).Status);
    }

    [Fact]
    public async Task Ping_tells_the_version_but_not_to_a_head()
    {
        await using var server = await fixture.Start3Async();
        using var caller = Caller(server);

        var answer = await caller.GetAsync("/ping");

        Assert.Equal((200, StrictInflux3.Version), (answer.Status, answer.Headers["X-Influxdb-Version"]));
        Assert.Equal(StrictInflux3.Version, JsonNode.Parse(answer.Body)!["version"]!.GetValue<string>());
        Assert.Equal(404, (await caller.SendAsync(HttpMethod.Head, "/ping")).Status);
    }

    [Theory]
    [InlineData("SHOW MEASUREMENTS; SHOW FIELD KEYS")]
    [InlineData("DELETE FROM \"m\"")]
    [InlineData("DROP MEASUREMENT \"m\"")]
    [InlineData("SHOW SERIES")]
    [InlineData("SHOW FIELD KEYS WHERE \"t\" = '1'")]
    [InlineData("SHOW TAG VALUES WITH KEY = \"t\"")]
    [InlineData("SELECT * FROM \"m\" GROUP BY * SLIMIT 1")]
    [InlineData("SELECT * FROM \"m\" WHERE \"t\" = $v0")]
    [InlineData("SELECT * FROM \"m\" WHERE \"t\" = 'a\\\"b'")]
    public async Task Statements_that_3_does_not_have_are_deviations(string statement)
    {
        await using var server = await fixture.Start3Async();
        using var caller = Caller(server);
        await caller.WriteAsync(Write, "m v=1 1\n");

        Assert.Equal(400, (await caller.QueryAsync("db=b", statement)).Status);
        Assert.Single(server.Deviations);
    }

    [Theory]
    [InlineData("/api/v3/write_lp?db=b&precision=ns")]
    [InlineData("/api/v3/write_lp?db=b")]
    [InlineData("/api/v3/write_lp?db=b&precision=nanosecond&no_sync=true")]
    [InlineData("/api/v3/write_lp?db=b&precision=nanosecond&accept_partial=false")]
    [InlineData("/api/v3/write_lp?bucket=b&precision=nanosecond")]
    [InlineData("/write?db=b&precision=ns")]
    [InlineData("/api/v2/write?bucket=b&precision=ns")]
    public async Task A_write_of_another_form_is_a_deviation(string path)
    {
        await using var server = await fixture.Start3Async();
        using var caller = Caller(server);

        Assert.Equal(400, (await caller.WriteAsync(path, "m v=1 1\n")).Status);
        Assert.Single(server.Deviations);
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_not_found()
    {
        await using var server = await fixture.Start3Async();
        using var caller = Caller(server);

        Assert.Equal(404, (await caller.QueryAsync("db=b", "SELECT * FROM m")).Status);
        Assert.Equal(404, (await caller.SendAsync(HttpMethod.Delete, $"{Configure}?db=b")).Status);
        Assert.Empty(server.Deviations);
    }

    [Fact]
    public async Task There_is_room_for_so_many_databases()
    {
        await using var server = await fixture.Start3Async(mostDatabases: 2);
        using var caller = Caller(server);

        Assert.Equal(200, (await caller.SendAsync(HttpMethod.Post, Configure, new JsonObject { ["db"] = "a" })).Status);
        Assert.Equal(409, (await caller.SendAsync(HttpMethod.Post, Configure, new JsonObject { ["db"] = "a" })).Status);
        Assert.Equal(204, (await caller.WriteAsync(Write, "m v=1 1\n")).Status);
        Assert.Equal(422, (await caller.SendAsync(HttpMethod.Post, Configure, new JsonObject { ["db"] = "c" })).Status);
    }

    [Theory]
    [InlineData("_b")]
    [InlineData("a b")]
    [InlineData("a.b")]
    [InlineData("é")]
    public async Task Names_of_databases_have_rules(string name)
    {
        await using var server = await fixture.Start3Async();
        using var caller = Caller(server);

        Assert.Equal(400, (await caller.SendAsync(HttpMethod.Post, Configure, new JsonObject { ["db"] = name })).Status);
    }

    [Fact]
    public async Task Older_points_than_the_retention_are_taken_and_not_seen()
    {
        await using var server = await fixture.Start3Async();
        using var caller = Caller(server);
        await caller.SendAsync(HttpMethod.Post, Configure, new JsonObject { ["db"] = "b", ["retention_period"] = "1h" });

        Assert.Equal(204, (await caller.WriteAsync(Write, "m v=1 1\n")).Status);

        Assert.Equal("""{"results":[{"statement_id":0}]}""", (await caller.QueryAsync("db=b", "SELECT * FROM m")).Body.Trim());
        const string question = "SELECT database_name, retention_period_ns FROM system.databases WHERE deleted = false";
        Assert.Contains(
            """{"database_name":"b","retention_period_ns":3600000000000}""",
            (await caller.GetAsync($"/api/v3/query_sql?db=_internal&format=json&q={Uri.EscapeDataString(question)}")).Body,
            StringComparison.Ordinal);
    }

    private static StrictCaller Caller(StrictInflux3 server) => new(server, $"Bearer {StrictInflux3.Token}");
}
