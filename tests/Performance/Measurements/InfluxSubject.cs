using IotBackend.Performance.Servers;

namespace IotBackend.Performance.Measurements;

/// <summary>InfluxDB, alone or with this backend before it.</summary>
internal sealed class InfluxSubject : IAsyncDisposable
{
    private InfluxSubject(InfluxServer influx, IotServer? server) => (Influx, Server) = (influx, server);

    public InfluxServer Influx { get; }

    public IotServer? Server { get; }

    /// <summary>Where the load goes.</summary>
    public Uri Address => Server?.Address ?? Influx.Address;

    /// <summary>Processor time of this backend so far.</summary>
    public TimeSpan ServerTime => Server?.ProcessorTime ?? TimeSpan.Zero;

    /// <param name="folder">For the data of both.</param>
    /// <param name="core">The core of this backend; null: InfluxDB alone.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<InfluxSubject> StartAsync(string folder, int? core, CancellationToken cancellationToken)
    {
        var influxFolder = Directory.CreateDirectory(Path.Combine(folder, "influxdb")).FullName;
        var influx = await InfluxServer.StartAsync(influxFolder, compactSoon: false, cancellationToken);
        try
        {
            return new InfluxSubject(influx, core is { } own ? await IotServer.StartAsync(folder, influx, own, cancellationToken) : null);
        }
        catch
        {
            await influx.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Server is not null)
            await Server.DisposeAsync();
        await Influx.DisposeAsync();
    }
}
