using IotBackend.Api.Measurements;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace IotBackend.Api.Composition;

/// <summary>Limits of the web server, and how it stops.</summary>
internal static class ServerSetup
{
    // 50 devices of 128 characters, percent-encoded, fit into an address; so does a cursor with the largest key.
    private const int MaxRequestLineBytes = 128 << 10;

    public static void ConfigureServer(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSettings<ShutdownOptions>(builder.Configuration, ShutdownOptions.Section);
        services.AddOptions<HostOptions>().Configure<IOptions<ShutdownOptions>>(
            (host, shutdown) => host.ShutdownTimeout = TimeSpan.FromSeconds(shutdown.Value.DrainSeconds + shutdown.Value.TimeoutSeconds));
        services.AddHostedService<Drain>();

        // Else every request has a scope for log lines that carry its ids anyway, and an activity that nobody listens to (benchmark P14).
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.Logging.AddFilter("Microsoft.AspNetCore.Mvc.Infrastructure.ControllerActionInvoker", LogLevel.None);
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<MeasurementLimits>>((kestrel, limits) =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestLineSize = MaxRequestLineBytes;

            // What is held of a connection that nobody reads, as while its request waits for its turn.
            kestrel.Limits.MaxRequestBufferSize = 2 * MaxRequestLineBytes;

            // The endpoints count themselves. This limit is wider, so that a client whose body is too large still reads the answer:
            // up to here the rest of the body is drained, beyond it the connection is cut.
            kestrel.Limits.MaxRequestBodySize = 8L * Math.Max(limits.Value.BatchBytes, limits.Value.MeasurementBytes);
        });
    }
}
