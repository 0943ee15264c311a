using System.Net;
using Xunit;

namespace IotBackend.IntegrationTests.Hosting;

/// <summary>The real program as a process of its own, on a free port and a data folder of its own, driven as from outside.</summary>
internal sealed class IotServer : IAsyncDisposable
{
    private readonly IotServerOptions _options;
    private readonly TemporaryFolder? _ownFolder;
    private readonly List<HttpClient> _clients = [];
    private ServerProcess _process;

    private IotServer(IotServerOptions options, TemporaryFolder? ownFolder)
    {
        (_options, _ownFolder) = (options, ownFolder);
        DataPath = options.DataPath ?? ownFolder!.Combine("data");
        _process = ServerProcess.Start(DataPath, _options);
    }

    public string DataPath { get; }

    public Uri Url { get; private set; } = null!;

    public string AdminKey => File.ReadAllText(Path.Combine(DataPath, "admin.key")).Trim();

    /// <summary>What the process that runs now, or ran last, wrote.</summary>
    public ServerOutput Output => _process.Output;

    public bool HasExited => _process.HasExited;

    public int ProcessId => _process.Id;

    /// <summary>From the process's start to its first 200 of <c>/health/ready</c>.</summary>
    public TimeSpan StartDuration { get; private set; }

    public static async Task<IotServer> StartAsync(IotServerOptions? options = null)
    {
        var folder = options?.DataPath is null ? new TemporaryFolder() : null;
        var server = new IotServer(options ?? new(), folder);
        try
        {
            await server.WaitUntilReadyAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>A client with the given key, the admin key by default. The server disposes it.</summary>
    public HttpClient Client(string? key = null)
    {
        var client = Anonymous();
        client.DefaultRequestHeaders.Add("X-API-Key", key ?? AdminKey);
        return client;
    }

    /// <summary>A client without credentials. The server disposes it.</summary>
    public HttpClient Anonymous()
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = Url };
        _clients.Add(client);
        return client;
    }

    /// <summary>As <c>kill -9</c>: nothing of the program runs any more when this returns.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <summary>As an orchestrator stops it: SIGTERM, and its exit code.</summary>
    public async Task<int> StopAsync()
    {
        await _process.TerminateAsync();
        return await _process.WaitForExitAsync();
    }

    /// <summary>Asks it to stop, and does not wait.</summary>
    public Task TerminateAsync() => _process.TerminateAsync();

    public Task<int> WaitForExitAsync() => _process.WaitForExitAsync();

    /// <summary>Starts the program again on the same folder; its port may be another.</summary>
    public async Task RestartAsync()
    {
        Assert.True(_process.HasExited, "Only a stopped server can be started again.");
        _process.Dispose();
        _process = ServerProcess.Start(DataPath, _options);
        await WaitUntilReadyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            client.Dispose();
        await _process.KillAsync();
        _process.Dispose();
        _ownFolder?.Dispose();
    }

    private async Task WaitUntilReadyAsync()
    {
        Url = await Eventually.GetAsync(AddressUnlessDeadAsync, "the server tells its address");
        var client = Anonymous();
        await Eventually.TrueAsync(() => IsReadyAsync(client), "the server is ready");
        StartDuration = _process.Age;
    }

    private async Task<Uri?> AddressUnlessDeadAsync()
    {
        // Its last words may come after its end.
        if (_process.HasExited)
        {
            var exitCode = await _process.WaitForExitAsync();
            throw new InvalidOperationException($"The server exited with {exitCode}:{Environment.NewLine}{_process.Output}");
        }

        return _process.Output.Address;
    }

    private async Task<bool> IsReadyAsync(HttpClient client)
    {
        await AddressUnlessDeadAsync();
        try
        {
            using var response = await client.GetAsync("/health/ready", TestContext.Current.CancellationToken);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
