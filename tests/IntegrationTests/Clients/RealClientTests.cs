using System.Text.Json.Nodes;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Clients;

/// <summary>Clients of InfluxDB that others wrote post to the program as it stands, and what they posted is read back.</summary>
public sealed class RealClientTests(NodeFolder node) : IClassFixture<NodeFolder>, IAsyncLifetime
{
    private const string Python = "/usr/bin/python3";

    private AccessServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Url => _server.Url.GetLeftPart(UriPartial.Authority);

    public async ValueTask InitializeAsync() => _server = await AccessServer.StartAsync(
        null, "--RateLimits:Tiers:slow:Requests=1", "--RateLimits:Tiers:slow:WindowSeconds=2", "--Blocks:RefusedInARow=0");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("plain")]
    [InlineData("gzip")]
    public async Task Official_client_of_version_2_stores_in_batches(string scenario)
    {
        var outcome = await RunInflux2Async(_server.AdminKey, "default", scenario);

        Assert.Empty(outcome["failures"]!.AsArray());
        var stored = await ReadAsync($"{scenario} house 3");
        Assert.Equal(50, stored.Count);
        Assert.Equal(Enumerable.Range(0, 50).Select(i => 3 + (5 * i)), stored.Select(item => (int)item["fields"]!["count"]!).Order());
        var first = stored.Single(item => (int)item["fields"]!["count"]! == 3);
        Assert.Equal(
            """{"device":"X house 3","name":"climate","timestamp":"2025-11-24T16:00:00.003Z","fields":{"count":3,"note":"say \"hi\"\\","open":false,"temperature":0.75},"tags":{"place":"a=b"}}"""
                .Replace("X", scenario, StringComparison.Ordinal),
            first.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
    }

    [Fact]
    public async Task Official_client_of_version_2_waits_while_it_sends_too_much_and_loses_nothing()
    {
        var outcome = await RunInflux2Async(await _server.AddKeyAsync(key => key with { Tier = "slow" }), "default", "retry");

        Assert.Empty(outcome["failures"]!.AsArray());
        Assert.True((int)outcome["retries"]! > 0, "Nothing was refused, so nothing was tried again.");
        Assert.Equal(50, (await ReadAsync("retry house 0")).Count);
    }

    [Fact]
    public async Task Official_client_of_version_2_drops_a_batch_with_a_bad_line_after_the_others_were_stored()
    {
        var outcome = await RunInflux2Async(_server.AdminKey, "default", "partial");

        var failure = Assert.Single(outcome["failures"]!.AsArray());
        Assert.Equal((422, "unprocessable entity", 8, 100), ((int)failure!["status"]!, (string?)failure["code"], (int)failure["line"]!, (int)failure["lines"]!));
        Assert.Equal(0, (int)outcome["retries"]!);
        Assert.Equal(50 + 49, (await ReadAsync("partial house 0")).Count + (await ReadAsync("partial house 2")).Count);
    }

    [Theory]
    [InlineData("default", "hunter2", 401, "unauthorized")]
    [InlineData("default", "", 401, "unauthorized")]
    public async Task Official_client_of_version_2_is_told_what_is_wrong_with_its_token(string bucket, string token, int status, string code)
    {
        var outcome = await RunInflux2Async(token, bucket, "refused");

        Assert.NotEmpty(outcome["failures"]!.AsArray());
        Assert.All(outcome["failures"]!.AsArray().Take(3), failure => Assert.Equal((status, code), ((int)failure!["status"]!, (string?)failure["code"])));
    }

    [Fact]
    public async Task Client_of_version_1_for_node_stores_and_is_told_of_a_bad_point()
    {
        var outcome = await ScriptRun.RunForJsonAsync("node", ["influx1.mjs", Url, _server.AdminKey, "default"], await node.GetAsync());

        Assert.Equal([true], outcome["online"]!.AsArray().Select(online => (bool)online!));
        Assert.Contains("partial write: line 2: field type conflict", (string?)outcome["refusal"], StringComparison.Ordinal);
        Assert.Contains("dropped=1", (string?)outcome["refusal"], StringComparison.Ordinal);
        Assert.NotNull((string?)outcome["query"]);
        Assert.Equal(4, (await ReadAsync("node one")).Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Client_of_version_1_for_python_stores_and_is_told_of_a_bad_point(bool isGzip)
    {
        await RequirePythonClientAsync();
        string[] arguments = ["influx1.py", Url, _server.AdminKey, "default"];

        var outcome = await ScriptRun.RunForJsonAsync(Python, isGzip ? [.. arguments, "gzip"] : arguments, Path.Combine(AppContext.BaseDirectory, "Clients"));

        Assert.Equal((string?)JsonNode.Parse(await _server.Client().GetStringAsync("/version", Cancel))!["version"], (string?)outcome["version"]);
        Assert.True((bool)outcome["stored"]!);
        Assert.Equal(400, (int)outcome["status"]!);
        Assert.Contains("partial write: line 2: field type conflict", (string?)outcome["refusal"], StringComparison.Ordinal);
        Assert.Equal(404, (int)outcome["query"]!);
        Assert.Equal(251, (await ReadAsync("python one")).Count);
    }

    private static async Task RequirePythonClientAsync()
    {
        ScriptRun.Require(Python);
        var (exitCode, _, _) = await ScriptRun.TryRunAsync(Python, ["-c", "import influxdb"], AppContext.BaseDirectory);
        if (exitCode != 0)
            Absent.SkipOrFail("python3-influxdb is not installed");
    }

    private async Task<JsonNode> RunInflux2Async(string token, string bucket, string scenario) =>
        await ScriptRun.RunForJsonAsync("node", ["influx2.mjs", Url, token, bucket, scenario], await node.GetAsync());

    private async Task<IReadOnlyList<JsonNode>> ReadAsync(string device)
    {
        var address = $"/measurements?limit=10000&from=2025-01-01T00:00:00Z&device={Uri.EscapeDataString(device)}";
        return [.. JsonNode.Parse(await _server.Client(_server.AdminKey).GetStringAsync(address, Cancel))!["items"]!.AsArray().Select(item => item!)];
    }
}
