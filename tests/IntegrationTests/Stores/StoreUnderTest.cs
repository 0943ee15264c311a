using IotBackend.Api.Composition;
using IotBackend.Application.Buckets;
using IotBackend.Application.Devices;
using IotBackend.Application.Measurements;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IotBackend.IntegrationTests.Stores;

/// <summary>A store as the program composes it from its settings, so that what is tested is what runs. Tests call its ports, not HTTP.</summary>
internal sealed class StoreUnderTest : IAsyncDisposable
{
    private readonly string[] _settings;
    private WebApplication _app;

    private StoreUnderTest(string[] settings) => (_settings, _app) = (settings, IotBackendApp.Build(settings));

    public IMeasurementStore Measurements => _app.Services.GetRequiredService<IMeasurementStore>();

    public IMeasurementSource Source => _app.Services.GetRequiredService<IMeasurementSource>();

    public IDeviceDirectory Devices => _app.Services.GetRequiredService<IDeviceDirectory>();

    public IBucketStore Buckets => _app.Services.GetRequiredService<IBucketStore>();

    public static async Task<StoreUnderTest> StartAsync(string dataPath, IEnumerable<string> settings)
    {
        var store = new StoreUnderTest([$"--Data:Path={dataPath}", "--Urls=http://127.0.0.1:0", "--Shutdown:DrainSeconds=0", "--Logging:LogLevel:Default=None", .. settings]);
        await store._app.StartAsync(TestContext.Current.CancellationToken);
        return store;
    }

    /// <summary>All that it had in memory is gone afterwards.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        _app = IotBackendApp.Build(_settings);
        await _app.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task StopAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        SqliteConnection.ClearAllPools();
    }
}
