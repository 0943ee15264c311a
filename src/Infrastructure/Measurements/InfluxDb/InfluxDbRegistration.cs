using System.Net;
using IotBackend.Application.Buckets;
using IotBackend.Application.Devices;
using IotBackend.Application.Measurements;
using IotBackend.Application.SystemStatus;
using IotBackend.Infrastructure.Devices;
using IotBackend.Infrastructure.Measurements.Spool;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>Registers InfluxDB as the place of measurements.</summary>
public static class InfluxDbRegistration
{
    private const string Handler = "resilience";

    // Of an answer that is not streamed. The largest page is smaller; whoever sends more is not InfluxDB, or something went wrong with it.
    private const int MaxAnswerBytes = 256 << 20;

    // A write is answered by nothing, or by what is wrong with some lines.
    private const int MaxWriteAnswerBytes = 1 << 20;

    /// <summary>With the spool before it, which takes measurements while InfluxDB is down, and with its health.</summary>
    public static IServiceCollection AddInfluxDb(this IServiceCollection services, IConfiguration configuration, string folder)
    {
        services.AddSpool(configuration, folder);
        AddStore(services, configuration, folder);
        services.AddSingleton<SpoolDrain>();
        services.AddSingleton<IDeviceScan, DeviceScan>();
        services.AddSingleton<KnownSeries>();
        services.AddDeviceDirectory();
        services.AddSingleton<IComponentHealth, InfluxDbHealth>();
        services.AddHostedService<InfluxDbLifetime>();
        return services;
    }

    /// <summary>Without a spool and without a file: what InfluxDB does not take is refused, and the one who wrote has to try again.</summary>
    public static IServiceCollection AddInfluxDbAlone(this IServiceCollection services, IConfiguration configuration)
    {
        AddStore(services, configuration, folder: null);
        return services;
    }

    private static void AddStore(IServiceCollection services, IConfiguration configuration, string? folder)
    {
        services.AddOptions<InfluxDbOptions>()
            .Bind(configuration.GetSection(InfluxDbOptions.Section), binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton(provider => new OutageGate(provider.GetRequiredService<IOptions<InfluxDbOptions>>(), hasSpool: folder is not null));
        AddClient(services, InfluxDbClient.WriteClient, options => options.TimeoutSeconds, MaxWriteAnswerBytes, InfluxDbResilience.ConfigureWrites);
        AddClient(services, InfluxDbClient.QueryClient, options => options.QueryTimeoutSeconds, MaxAnswerBytes, InfluxDbResilience.ConfigureQueries);
        services.AddSingleton<DialectSource>();
        services.AddSingleton<InfluxDbClient>();
        services.AddSingleton<WaitingBytes>();
        services.AddSingleton<BucketChannels>();
        services.AddSingleton(provider => new KnownBuckets(folder, provider.GetRequiredService<ILogger<KnownBuckets>>()));
        services.AddSingleton<InfluxDbBuckets>();
        services.AddSingleton<IBucketStore>(provider => provider.GetRequiredService<InfluxDbBuckets>());
        services.AddSingleton<MeasurementReader>();
        services.AddSingleton<LatestReader>();
        services.AddSingleton<AggregateReader>();
        services.AddSingleton<StreamReader>();
        services.AddSingleton<PointDeleter>();
        services.AddSingleton<DeviceNames>();
        services.AddSingleton<IMeasurementStore, InfluxDbStore>();
        services.AddSingleton<IMeasurementSource, DeviceReader>();
    }

    private static void AddClient(
        IServiceCollection services, string name, Func<InfluxDbOptions, double> timeoutSeconds, int maxAnswerBytes, Action<ResiliencePipelineBuilder<HttpResponseMessage>, InfluxDbOptions> configure) =>
        services.AddHttpClient(name, (provider, client) => Configure(client, provider.GetRequiredService<IOptions<InfluxDbOptions>>().Value, timeoutSeconds, maxAnswerBytes))
            .ConfigurePrimaryHttpMessageHandler(provider => PrimaryHandler(provider.GetRequiredService<IOptions<InfluxDbOptions>>().Value))
            .RemoveAllLoggers()
            .AddResilienceHandler(Handler, (pipeline, context) => configure(
                pipeline,
                context.ServiceProvider.GetRequiredService<IOptions<InfluxDbOptions>>().Value));

    private static void Configure(HttpClient client, InfluxDbOptions options, Func<InfluxDbOptions, double> timeoutSeconds, int maxAnswerBytes)
    {
        client.MaxResponseContentBufferSize = maxAnswerBytes;

        // With its end as a folder, so that requests are resolved below it.
        client.BaseAddress = new Uri(options.Url!.AbsoluteUri.TrimEnd('/') + "/");

        // A little more than the pipeline's own, which ends with the headers of the answer: this one covers its body too.
        client.Timeout = TimeSpan.FromSeconds(timeoutSeconds(options) + 0.5);
    }

    private static SocketsHttpHandler PrimaryHandler(InfluxDbOptions options) => new()
    {
        MaxConnectionsPerServer = options.MaxConnections,
        ConnectTimeout = TimeSpan.FromSeconds(Math.Min(options.TimeoutSeconds, 5)),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.GZip,
    };
}
