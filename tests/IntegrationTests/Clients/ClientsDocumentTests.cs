using System.Text.Json.Nodes;
using IotBackend.Domain.Access;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Clients;

/// <summary>The snippets of docs/clients.md do what they say, as they stand there.</summary>
public sealed class ClientsDocumentTests(AccessServerFixture fixture, NodeFolder node) : IClassFixture<AccessServerFixture>, IClassFixture<NodeFolder>
{
    private readonly AccessServer _server = fixture.Server;

    private static IReadOnlyList<Snippet> Snippets { get; } = Snippet.AllOf(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Clients", "clients.md")));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_language_is_there() =>
        Assert.Equal(["cpp", "csharp", "js", "js", "python", "sh", "sh", "text", "toml", "toml"], Snippets.Select(snippet => snippet.Language).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData(0, "from-curl", 1)]
    [InlineData(1, "lines-from-curl", 2)]
    public async Task Curl(int index, string device, int measurements)
    {
        ScriptRun.Require("curl");
        await RunAsync("sh", "sh", index, "send.sh", Path.GetTempPath());
        Assert.Equal(measurements, await CountAsync(device));
    }

    [Fact]
    public async Task Python()
    {
        const string python = "/usr/bin/python3";
        ScriptRun.Require(python);
        if ((await ScriptRun.TryRunAsync(python, ["-c", "import requests"], Path.GetTempPath())).ExitCode != 0)
            Absent.SkipOrFail("python3-requests is not installed");
        await RunAsync(python, "python", 0, "send.py", Path.GetTempPath());
        Assert.Equal(3, await CountAsync("from-python"));
    }

    [Theory]
    [InlineData(0, "from-javascript")]
    [InlineData(1, "from-influx-javascript")]
    public async Task JavaScript(int index, string device)
    {
        await RunAsync("node", "js", index, $"send-{index}.mjs", await node.GetAsync());
        Assert.Equal(1, await CountAsync(device));
    }

    [Fact]
    public async Task CSharp()
    {
        var dotnet = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";
        await RunAsync(dotnet, "csharp", 0, "send.cs", Path.GetTempPath(), "run");
        Assert.Equal(1, await CountAsync("from-csharp"));
    }

    // In a folder of its own below the given one, where what the snippet imports is found.
    private async Task RunAsync(string program, string language, int index, string fileName, string folder, params string[] arguments)
    {
        var own = Directory.CreateDirectory(Path.Combine(folder, "snippet-" + Guid.NewGuid().ToString("N")));
        try
        {
            var file = Path.Combine(own.FullName, fileName);
            await File.WriteAllTextAsync(file, Snippets.Where(snippet => snippet.Language == language).ElementAt(index).Code, Cancel);
            var key = await _server.AddKeyAsync(key => key with { Scopes = Scopes.MeasurementsWrite });
            var environment = new Dictionary<string, string> { ["IOT_URL"] = _server.Url.GetLeftPart(UriPartial.Authority), ["IOT_KEY"] = key };
            await ScriptRun.RunAsync(program, [.. arguments, file], own.FullName, environment);
        }
        finally
        {
            own.Delete(recursive: true);
        }
    }

    private async Task<int> CountAsync(string device)
    {
        var text = await _server.Client(_server.AdminKey).GetStringAsync($"/measurements?from=2025-01-01T00:00:00Z&device={device}", Cancel);
        return JsonNode.Parse(text)!["items"]!.AsArray().Count;
    }
}
