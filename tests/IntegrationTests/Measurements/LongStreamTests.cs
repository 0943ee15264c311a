using System.Globalization;
using System.Net;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.IntegrationTests.Hosting;
using IotBackend.IntegrationTests.Stores;
using Xunit;

namespace IotBackend.IntegrationTests.Measurements;

/// <summary>A stream of ten million points, of the real program. Takes a minute.</summary>
[Trait("Duration", "long")]
public sealed class LongStreamTests
{
    private const int Devices = 1_000;
    private const int MeasurementsOfADevice = 5_000;
    private const int Fields = 2;
    private const long MaxResidentKilobytes = 300 * 1024;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ten_million_points_of_a_thousand_devices_stream_in_less_than_300_megabytes()
    {
        Assert.Equal(10_000_000, Devices * MeasurementsOfADevice * Fields);
        using var folder = new TemporaryFolder();
        await FillAsync(folder.Combine("data"));
        await using var server = await IotServer.StartAsync(new() { DataPath = folder.Combine("data") });
        using var request = new HttpRequestMessage(HttpMethod.Get, "measurements?from=2020-01-01T00:00:00Z&order=asc");
        request.Headers.Add("Accept", "text/csv");
        using var response = await server.Client().SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);

        await using var body = await response.Content.ReadAsStreamAsync(Cancel);
        var buffer = new byte[1 << 16];
        var lines = 0L;
        for (int read; (read = await body.ReadAsync(buffer, Cancel)) > 0;)
            lines += buffer.AsSpan(0, read).Count((byte)'\n');

        Assert.Equal(1 + ((long)Devices * MeasurementsOfADevice), lines);
        Assert.InRange(LargestResident(server.ProcessId), 1, MaxResidentKilobytes);
    }

    private static async Task FillAsync(string dataPath)
    {
        await using var store = await StoreUnderTest.StartAsync(dataPath, []);
        for (var i = 0; i < MeasurementsOfADevice; i += 50)
        {
            using var batch = new MeasurementBatch(new Timestamp(Some.Noon));
            var writer = new MeasurementBatchWriter(batch);
            for (var device = 0; device < Devices; device++)
            {
                for (var j = i; j < i + 50; j++)
                    Write(writer, device, j);
            }

            (await store.Measurements.WriteAsync(BucketName.Default, batch, Cancel)).MustSucceed();
        }
    }

    private static void Write(MeasurementBatchWriter writer, int device, int i)
    {
        Span<byte> name = stackalloc byte[16];
        writer.Begin();
        writer.SetDevice(name[..System.Text.Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"device-{device:D4}"), name)]);
        writer.SetTimestamp(new Timestamp(Some.Noon + (i * 10 * Some.Second)));
        writer.AddNumber("temperature"u8, 20 + (i % 70 / 10.0));
        writer.AddNumber("humidity"u8, 40 + (i % 31));
        Assert.True(writer.End());
    }

    private static long LargestResident(int processId)
    {
        var line = File.ReadLines($"/proc/{processId}/status").Single(one => one.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
