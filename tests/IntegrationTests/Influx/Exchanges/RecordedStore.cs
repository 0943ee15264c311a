using IotBackend.Application.Devices;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Buckets;
using IotBackend.Infrastructure.Measurements.InfluxDb;
using IotBackend.IntegrationTests.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using NSubstitute;
using Xunit;

namespace IotBackend.IntegrationTests.Influx.Exchanges;

/// <summary>The adapter as the program registers it, over recorded exchanges in the place of the network. Nothing runs by itself in it.</summary>
internal sealed class RecordedStore : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly RecordedInflux _influx;
    private readonly ServiceProvider _services;

    private RecordedStore(IReadOnlyList<Exchange> exchanges, IEnumerable<KeyValuePair<string, string?>> settings)
    {
        _influx = new RecordedInflux(exchanges);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddInfluxDb(configuration, _folder.Path);

        // What is counted of devices goes to the key store, which is not what is tested here.
        services.AddSingleton(Substitute.For<IDeviceStore>());
        foreach (var client in new[] { InfluxDbClient.WriteClient, InfluxDbClient.QueryClient })
            services.AddHttpClient(client).ConfigurePrimaryHttpMessageHandler(() => _influx);
        _services = services.BuildServiceProvider();
        _services.GetRequiredService<KnownBuckets>().Save([Plant]);
    }

    /// <summary>The bucket that is known to be there.</summary>
    public static Bucket Plant { get; } = new(BucketName.TryParse("plant", out _)!, string.Empty, Retention.Forever);

    public IMeasurementStore Measurements => _services.GetRequiredService<IMeasurementStore>();

    public InfluxDbClient Client => _services.GetRequiredService<InfluxDbClient>();

    public DialectSource Dialects => _services.GetRequiredService<DialectSource>();

    /// <summary>A store over a section of a file; its folder's number is the version that is configured.</summary>
    /// <param name="settings">Further settings, such as <c>Version=</c> for a server that is asked for it.</param>
    public static RecordedStore Play(string file, string title, params IEnumerable<string> settings) =>
        new(ExchangeFile.Read(file, title), [.. SettingsOf(file[1] - '0').Concat(settings).Select(ToPair).GroupBy(pair => pair.Key, (_, same) => same.Last())]);

    public async Task<IBucketAdministration> AdministerAsync() => (await Dialects.GetAsync(TestContext.Current.CancellationToken)).Administer(Client);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _folder.Dispose();
        _influx.AssertPlayed();
    }

    private static IEnumerable<string> SettingsOf(int version) => version switch
    {
        1 => ["Url=http://influxdb.test:8086", "Version=1", "Username=iot", "Password=pass:word"],
        2 => ["Url=http://influxdb.test:8086", "Version=2", "Token=s3cret==", "Organization=acme & sons"],
        _ => ["Url=http://influxdb.test:8181", "Version=3", "Token=apiv3_s3cret"],
    };

    private static KeyValuePair<string, string?> ToPair(string setting) =>
        KeyValuePair.Create($"{InfluxDbOptions.Section}:{setting.Split('=', 2)[0]}", (string?)setting.Split('=', 2)[1]);
}
