using IotBackend.Api.Composition;
using Microsoft.AspNetCore.HttpOverrides;

namespace IotBackend.Api.Security;

/// <summary>Takes the address and the scheme of a request from its headers, as far as trusted proxies have written them.</summary>
internal static class ForwardedAddresses
{
    // The framework's own switch believes everybody, and so every address that an attacker makes up.
    private const string FrameworkSwitch = "ForwardedHeaders_Enabled";

    /// <exception cref="SettingException">The framework's own switch is on.</exception>
    public static void AddForwardedAddresses(this IServiceCollection services, IConfiguration configuration)
    {
        if (string.Equals(configuration[FrameworkSwitch], "true", StringComparison.OrdinalIgnoreCase))
            throw new SettingException(FrameworkSwitch, $"this would believe forwarded addresses of everyone; name the proxies in {ProxyOptions.Section}:{nameof(ProxyOptions.Trusted)} instead.");
        var proxies = ProxyOptions.Read(configuration);
        services.AddOptions<ProxyOptions>().Configure(options => options.Trusted = proxies.Trusted).ValidateDataAnnotations().ValidateOnStart();
        services.Configure<ForwardedHeadersOptions>(options =>
        {
            options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;

            // From the last proxy backwards to the first address that is not trusted, however many there are.
            options.ForwardLimit = null;
            options.KnownProxies.Clear();
            options.KnownIPNetworks.Clear();
            foreach (var network in proxies.Networks)
                options.KnownIPNetworks.Add(network);
        });
    }

    /// <summary>Before all that looks at the address. Left out when no proxy is trusted: the framework takes an empty list for everybody.</summary>
    public static void UseForwardedAddresses(this WebApplication app)
    {
        if (ProxyOptions.Read(app.Configuration).Networks.Any())
            app.UseForwardedHeaders();
    }
}
