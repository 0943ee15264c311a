using System.Text.Json.Nodes;
using Xunit;

namespace IotBackend.IntegrationTests.Influx.Strict;

public sealed class StrictInflux2Tests(StrictServerFixture fixture) : IClassFixture<StrictServerFixture>
{
    private static readonly string Owner = Uri.EscapeDataString(StrictInflux2.Organization);
    private static readonly string Write = $"/api/v2/write?org={Owner}&bucket=b&precision=ns";

    [Fact]
    public async Task What_was_written_is_read_back()
    {
        await using var server = await fixture.Start2Async();
        using var caller = await WithBucketAsync(server);

        Assert.Equal(204, (await caller.WriteAsync(Write, "m,device=d v=1.5,s=\"x\" 5\n")).Status);
        var answer = await caller.QueryAsync("db=b", "SELECT *::field FROM \"m\" WHERE \"device\" = $v0 GROUP BY *", new KeyValuePair<string, string>("params", """{"v0":"d"}"""));

        Assert.Equal("""[[5,"x",1.5]]""", JsonNode.Parse(answer.Body)!["results"]![0]!["series"]![0]!["values"]!.ToJsonString());
        Assert.Empty(server.Deviations);
    }

    [Fact]
    public async Task A_line_that_is_none_refuses_them_all()
    {
        await using var server = await fixture.Start2Async();
        using var caller = await WithBucketAsync(server);

        var answer = await caller.WriteAsync(Write, "m v=1 1\nm v= 2\n");

        Assert.Equal(400, answer.Status);
        Assert.Contains("\"code\":\"invalid\"", answer.Body, StringComparison.Ordinal);
        Assert.Equal("""{"results":[{"statement_id":0}]}""", (await caller.QueryAsync("db=b", "SELECT * FROM m")).Body.Trim());
    }

    [Fact]
    public async Task A_type_conflict_leaves_out_that_point_alone()
    {
        await using var server = await fixture.Start2Async();
        using var caller = await WithBucketAsync(server);
        await caller.WriteAsync(Write, "m v=1 1\n");

        var answer = await caller.WriteAsync(Write, "m v=true 2\nm v=3 3\n");

        Assert.Equal(422, answer.Status);
        Assert.Equal("unprocessable entity", answer.Headers["X-Platform-Error-Code"]);
        Assert.Equal(
            "failure writing points to database: partial write: field type conflict: input field \"v\" on measurement \"m\" is type boolean, "
            + "already exists as type float dropped=1",
            JsonNode.Parse(answer.Body)!["message"]!.GetValue<string>());
        Assert.Contains("[3,3]", (await caller.QueryAsync("db=b", "SELECT * FROM m")).Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Bearer a-token-of-2.x==")]
    [InlineData("Token another")]
    public async Task Other_credentials_are_refused(string authorization)
    {
        await using var server = await fixture.Start2Async();
        using var caller = new StrictCaller(server, authorization);

        Assert.Equal(401, (await caller.GetAsync($"/api/v2/buckets?org={Owner}")).Status);
        Assert.Equal(204, (await caller.GetAsync("/ping")).Status);
    }

    [Theory]
    [InlineData("/api/v2/write?org=O&bucket=b&precision=nanosecond", "text/plain")]
    [InlineData("/api/v2/write?org=O&bucket=b", "text/plain")]
    [InlineData("/api/v2/write?org=O&bucket=b&precision=ns&precision=ns", "text/plain")]
    [InlineData("/api/v2/write?org=O&bucket=b&precision=ns&db=b", "text/plain")]
    [InlineData("/api/v2/write?org=O&bucket=b&precision=ns", "application/octet-stream")]
    [InlineData("/write?db=b&precision=ns", "text/plain")]
    public async Task A_write_of_another_form_is_a_deviation(string path, string type)
    {
        await using var server = await fixture.Start2Async();
        using var caller = await WithBucketAsync(server);

        var answer = await caller.WriteAsync(path.Replace("=O&", $"={Owner}&", StringComparison.Ordinal), "m v=1 1\n", type);

        Assert.Equal(400, answer.Status);
        Assert.Single(server.Deviations);
    }

    [Theory]
    [InlineData("/api/v2/write?org=nobody&bucket=b&precision=ns")]
    [InlineData("/api/v2/write?org=O&bucket=c&precision=ns")]
    public async Task An_unknown_place_is_not_found(string path)
    {
        await using var server = await fixture.Start2Async();
        using var caller = await WithBucketAsync(server);

        Assert.Equal(404, (await caller.WriteAsync(path.Replace("=O&", $"={Owner}&", StringComparison.Ordinal), "m v=1 1\n")).Status);
        Assert.Empty(server.Deviations);
    }

    [Theory]
    [InlineData("SHOW STATS FOR 'shard'")]
    [InlineData("CREATE DATABASE \"c\"")]
    [InlineData("SELECT * INTO \"n\" FROM \"m\"")]
    [InlineData("SHOW SERIES CARDINALITY")]
    public async Task Statements_that_2_does_not_have_are_deviations(string statement)
    {
        await using var server = await fixture.Start2Async();
        using var caller = await WithBucketAsync(server);

        Assert.Equal(400, (await caller.QueryAsync("db=b", statement)).Status);
        Assert.Single(server.Deviations);
    }

    [Fact]
    public async Task Earlier_2_wants_a_mapping_before_a_bucket_can_be_queried()
    {
        await using var server = await fixture.Start2Async(mapsByItself: false);
        using var caller = await WithBucketAsync(server);
        Assert.Contains("database not found", (await caller.QueryAsync("db=b", "SELECT * FROM m")).Body, StringComparison.Ordinal);

        var id = JsonNode.Parse((await caller.GetAsync($"/api/v2/buckets?org={Owner}&name=b")).Body)!["buckets"]![0]!["id"]!.GetValue<string>();
        var mapping = new JsonObject
        {
            ["orgID"] = Buckets2.OrganizationId, ["bucketID"] = id, ["database"] = "b", ["retention_policy"] = "autogen", ["default"] = true,
        };
        Assert.Equal(201, (await caller.SendAsync(HttpMethod.Post, "/api/v2/dbrps", mapping)).Status);

        Assert.DoesNotContain("error", (await caller.QueryAsync("db=b", "SELECT * FROM m")).Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 500)]
    [InlineData(3_599, 500)]
    [InlineData(3_600, 201)]
    [InlineData(0, 201)]
    public async Task A_bucket_keeps_for_an_hour_at_least(long seconds, int status)
    {
        await using var server = await fixture.Start2Async();
        using var caller = new StrictCaller(server, $"Token {StrictInflux2.Token}");

        Assert.Equal(status, (await CreateAsync(caller, "b", seconds)).Status);
    }

    [Theory]
    [InlineData("_b", 400)]
    [InlineData("a\"b", 400)]
    [InlineData("a/b é", 201)]
    public async Task Names_of_buckets_have_rules(string name, int status)
    {
        await using var server = await fixture.Start2Async();
        using var caller = new StrictCaller(server, $"Token {StrictInflux2.Token}");

        Assert.Equal(status, (await CreateAsync(caller, name, 0)).Status);
    }

    [Fact]
    public async Task The_list_of_buckets_comes_in_pages()
    {
        await using var server = await fixture.Start2Async();
        using var caller = new StrictCaller(server, $"Token {StrictInflux2.Token}");
        for (var i = 0; i < 20; i++)
            await CreateAsync(caller, $"b{i}", 0);

        Assert.Equal(20, await CountAsync(caller, $"/api/v2/buckets?org={Owner}"));
        Assert.Equal(22, await CountAsync(caller, $"/api/v2/buckets?org={Owner}&limit=100"));
        Assert.Equal(2, await CountAsync(caller, $"/api/v2/buckets?org={Owner}&limit=100&offset=20"));
        Assert.Equal(422, (await caller.GetAsync($"/api/v2/buckets?org={Owner}&limit=101")).Status);
    }

    private static async Task<StrictCaller> WithBucketAsync(StrictInflux2 server)
    {
        var caller = new StrictCaller(server, $"Token {StrictInflux2.Token}");
        Assert.Equal(201, (await CreateAsync(caller, "b", 0)).Status);
        return caller;
    }

    private static Task<Answer> CreateAsync(StrictCaller caller, string name, long seconds) =>
        caller.SendAsync(HttpMethod.Post, "/api/v2/buckets", new JsonObject
        {
            ["orgID"] = Buckets2.OrganizationId,
            ["name"] = name,
            ["description"] = "for tests",
            ["retentionRules"] = new JsonArray(new JsonObject { ["type"] = "expire", ["everySeconds"] = seconds }),
        });

    private static async Task<int> CountAsync(StrictCaller caller, string path) =>
        JsonNode.Parse((await caller.GetAsync(path)).Body)!["buckets"]!.AsArray().Count;
}
