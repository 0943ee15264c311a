using IotBackend.Api.Composition;
using IotBackend.Api.Security;
using Microsoft.Extensions.Options;

namespace IotBackend.Api.Mqtt;

/// <summary>Registers the listener for MQTT, when it is switched on; after the stores, so that it ends before them.</summary>
internal static class MqttRegistration
{
    public static void AddMqtt(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings<MqttOptions>(configuration, MqttOptions.Section);
        services.AddSingleton<IValidateOptions<MqttOptions>, MqttOptions.Fit>();
        if (!configuration.GetValue<bool>($"{MqttOptions.Section}:{nameof(MqttOptions.Enabled)}"))
            return;
        services.AddSingleton<MqttDrain>();
        services.AddSingleton<MqttListener>();
        services.AddSingleton<MessageReceiver>();
        services.AddSingleton(Judge);
        services.AddSingleton<MqttService>();
        services.AddHostedService(provider => provider.GetRequiredService<MqttService>());
    }

    private static ConnectionJudge Judge(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<MqttOptions>>().Value;
        return ActivatorUtilities.CreateInstance<ConnectionJudge>(provider, new KeyPlaces(options.MaxConnections, options.MaxConnectionsPerKey));
    }
}
