using System.Globalization;
using Xunit;

namespace IotBackend.IntegrationTests.Hosting;

/// <summary>
/// A real InfluxDB 1.x as a process of its own, on free ports and a folder of its own. It can be stopped, killed, made to hang, and started
/// again where it was.
/// </summary>
internal sealed class InfluxServer : IAsyncDisposable
{
    /// <summary>What a machine lacks on which none can be started.</summary>
    public const string Missing = "influxd is not installed; the Debian package is influxdb";

    private const int Starts = 5;

    private readonly TemporaryFolder _folder = new();
    private readonly InfluxOptions _options;
    private readonly string _executable;
    private InfluxProcess? _process;

    private InfluxServer(string executable, InfluxOptions options)
    {
        (_executable, _options) = (executable, options);
        Client = new InfluxClient(() => Url, options);
    }

    /// <summary>Stays the same when it is started again.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>Asks it directly, past what is under test.</summary>
    public InfluxClient Client { get; }

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Skips the test where InfluxDB is not installed, but fails it on a build server.</summary>
    public static async Task<InfluxServer> StartAsync(InfluxOptions? options = null)
    {
        if (InfluxProcess.Find() is not { } executable)
        {
            Absent.SkipOrFail(Missing);
            throw new InvalidOperationException(Missing);
        }

        var server = new InfluxServer(executable, options ?? new());
        try
        {
            await server.StartOnFreePortsAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>As an operator stops it; returns when it has ended.</summary>
    public async Task StopAsync()
    {
        await _process!.SendAsync("TERM");
        await _process.WaitForExitAsync();
    }

    /// <summary>As <c>kill -9</c>: nothing of it runs any more when this returns.</summary>
    public Task KillAsync() => _process!.KillAsync();

    /// <summary>Starts it again on the same folder and the same ports.</summary>
    public async Task RestartAsync()
    {
        Assert.False(IsRunning, "Only a stopped server can be started again.");
        for (var start = 1; !await TryStartAsync(); start++)
            Assert.True(start < Starts, $"InfluxDB does not start again:{Environment.NewLine}{_process!.Output}");
    }

    /// <summary>It stays alive, takes connections, and answers nothing until <see cref="ResumeAsync"/>.</summary>
    public Task SuspendAsync() => _process!.SendAsync("STOP");

    public Task ResumeAsync() => _process!.SendAsync("CONT");

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_process is { } process)
        {
            await process.KillAsync();
            process.Dispose();
        }

        _folder.Dispose();
    }

    // Between the moment when a port is found free and that when it is taken, somebody else may take it.
    private async Task StartOnFreePortsAsync()
    {
        for (var start = 1; ; start++)
        {
            var port = FreePort.Next();
            Url = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
            await File.WriteAllTextAsync(ConfigurationFile, Configuration(port, FreePort.Next()), TestContext.Current.CancellationToken);
            if (await TryStartAsync())
                break;
            Assert.True(start < Starts, $"InfluxDB does not start:{Environment.NewLine}{_process!.Output}");
        }

        if (_options.RequiresCredentials)
            await Client.CreateAdministratorAsync();
    }

    private string ConfigurationFile => _folder.Combine("influxdb.conf");

    // False when it ends instead of answering.
    private async Task<bool> TryStartAsync()
    {
        _process?.Dispose();
        var process = _process = InfluxProcess.Start(_executable, ConfigurationFile);
        await Eventually.TrueAsync(async () => process.HasExited || await Client.AnswersAsync(), "InfluxDB answers or ends");
        return !process.HasExited;
    }

    private string Configuration(int port, int backupPort) => $"""
        reporting-disabled = true
        bind-address = "127.0.0.1:{backupPort}"
        [meta]
          dir = "{_folder.Combine("meta")}"
        [data]
          dir = "{_folder.Combine("data")}"
          wal-dir = "{_folder.Combine("wal")}"
          max-series-per-database = 0
          max-values-per-tag = 0
          query-log-enabled = false
        [retention]
          check-interval = "1s"
        [monitor]
          store-enabled = false
        [http]
          bind-address = "127.0.0.1:{port}"
          auth-enabled = {(_options.RequiresCredentials ? "true" : "false")}
          log-enabled = false
        [logging]
          level = "warn"
        """;
}
