using System.Collections.Concurrent;
using System.Net;
using System.Web;
using IotBackend.Domain.Buckets;
using IotBackend.Infrastructure.Measurements.InfluxDb;
using IotBackend.Infrastructure.Measurements.Spool;
using IotBackend.UnitTests.Domain.Measurements;
using IotBackend.Domain.Measurements;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace IotBackend.UnitTests.Infrastructure.Measurements.InfluxDb;

/// <summary>
/// InfluxDB 1.x as far as the writing side needs it, at the place of the network, where a test holds answers back, refuses lines or breaks the
/// connection; with the parts of the adapter over it and a real spool in a folder of its own.
/// </summary>
internal sealed class FakeInfluxDb : HttpMessageHandler, IHttpClientFactory
{
    private readonly string _folder = Directory.CreateTempSubdirectory("iot-influx-").FullName;
    private readonly CancellationTokenSource _ended = new();
    private Task _draining = Task.CompletedTask;

    public FakeInfluxDb(InfluxDbOptions? options = null)
    {
        var settings = Options.Create(options ?? new InfluxDbOptions { Url = new Uri("http://influxdb.test"), Version = 1 });
        var dialects = new DialectSource(this, settings);
        Gate = new OutageGate(settings);
        Spool = new SpoolQueue(_folder, new SpoolOptions(), TimeProvider.System, NullLogger<SpoolQueue>.Instance);
        Client = new InfluxDbClient(this, dialects, Gate, settings);
        Channels = new BucketChannels(Client, Gate, new WaitingBytes(settings), TimeProvider.System, NullLogger<BucketChannels>.Instance, Spool);
    }

    /// <summary>What answers a write, by the lines of it.</summary>
    public Func<string[], Task<HttpResponseMessage>> Answer { get; set; } = _ => Task.FromResult(Stored());

    /// <summary>What every query waits for before it is answered.</summary>
    public Func<CancellationToken, Task> Queries { get; set; } = _ => Task.CompletedTask;

    /// <summary>What <c>SHOW FIELD KEYS</c> answers.</summary>
    public string FieldKeys { get; set; } = """{"results":[{"statement_id":0}]}""";

    /// <summary>The lines of each write, in the order in which they came.</summary>
    public ConcurrentQueue<string[]> Writes { get; } = new();

    public SpoolQueue Spool { get; }

    public OutageGate Gate { get; }

    public InfluxDbClient Client { get; }

    public BucketChannels Channels { get; }

    public BucketChannel Channel => Channels.Of(BucketName.Default);

    public static HttpResponseMessage Stored() => new(HttpStatusCode.NoContent);

    public static HttpResponseMessage Refused(string error, HttpStatusCode status = HttpStatusCode.BadRequest) =>
        new(status) { Content = new StringContent($$"""{"error":"{{error}}"}""") };

    /// <summary>A batch of one number for each device, at times that grow from 1.</summary>
    public static MeasurementBatch Batch(params string[] devices)
    {
        var batch = new MeasurementBatch(new Timestamp(0));
        var writer = new MeasurementBatchWriter(batch);
        for (var i = 0; i < devices.Length; i++)
        {
            writer.Begin();
            writer.Device(devices[i]).Name("m").At(i + 1).Number("v", 1);
            writer.End();
        }

        return batch;
    }

    public void StartDraining()
    {
        var drain = new SpoolDrain(Spool, Channels, Client, Gate, TimeProvider.System);
        _draining = Task.Run(() => drain.RunAsync(_ended.Token));
    }

    /// <summary>Ends all that runs, then lets go of the folder.</summary>
    public async Task EndAsync()
    {
        await _ended.CancelAsync();
        await Task.WhenAny(_draining);
        await Channels.CloseAsync();
        Spool.Dispose();
        _ended.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    public HttpClient CreateClient(string name) => new(this, disposeHandler: false) { BaseAddress = new Uri("http://influxdb.test/") };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? string.Empty : await request.Content.ReadAsStringAsync(cancellationToken);
        if (request.RequestUri!.AbsolutePath != "/write")
        {
            await Queries(cancellationToken);
            return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(FieldKeys) };
        }

        if (HttpUtility.ParseQueryString(request.RequestUri.Query)["precision"] != "ns")
            throw new InvalidOperationException("Times are nanoseconds.");
        var lines = body.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Writes.Enqueue(lines);
        return await Answer(lines);
    }
}
