using System.Text;
using IotBackend.Performance.Load;
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

    /// <summary>A bucket, made by whoever takes the load: this backend does not look for those of others at every request.</summary>
    public Task CreateBucketAsync(string name, CancellationToken cancellationToken) =>
        Server is null ? Influx.CreateAsync(name, cancellationToken) : SendAsync(HttpMethod.Put, $"/admin/buckets/{name}", cancellationToken);

    public Task DropBucketAsync(string name, CancellationToken cancellationToken) =>
        Server is null ? Influx.DropAsync(name, cancellationToken) : SendAsync(HttpMethod.Delete, $"/admin/buckets/{name}?confirm={name}", cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (Server is not null)
            await Server.DisposeAsync();
        await Influx.DisposeAsync();
    }

    private async Task SendAsync(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(Address, path));
        request.Headers.Add("X-API-Key", Server!.Key);
        if (method == HttpMethod.Put)
            request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        using var answer = await Http.Client.SendAsync(request, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }
}
