using Microsoft.Extensions.Options;

namespace IotBackend.Api.Measurements;

/// <summary>Registers the streams of measurements.</summary>
internal static class StreamRegistration
{
    public static void AddMeasurementStreams(this IServiceCollection services) => services.AddSingleton(provider => new MeasurementStreams(
        provider.GetRequiredService<IOptions<LiveFeedOptions>>(),
        provider.GetRequiredService<IHostApplicationLifetime>(),
        provider.GetRequiredService<TimeProvider>()));
}
