using System.Text.Json;
using BenchmarkDotNet.Attributes;
using IotBackend.Api.Formats;
using IotBackend.Domain.Measurements;
using IotBackend.Performance.Load;

namespace IotBackend.Performance.Micro;

/// <summary>Parsing a batch of 1,000 measurements into its columns, beside walking over the same bytes; figures are for one measurement.</summary>
public class MeasurementJsonBenchmark
{
    private byte[] _body = [];

    [GlobalSetup]
    public void Read()
    {
        var folder = Directory.CreateTempSubdirectory();
        _body = File.ReadAllBytes(BatchBodies.Write(folder.FullName, 1)[0]);
        folder.Delete(recursive: true);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = BatchBodies.Measurements)]
    public long Walk()
    {
        var reader = new Utf8JsonReader(_body);
        long tokens = 0;
        while (reader.Read())
            tokens++;
        return tokens;
    }

    [Benchmark(OperationsPerInvoke = BatchBodies.Measurements)]
    public int Parse()
    {
        using var batch = new MeasurementBatch(new Timestamp(1_795_466_640_000_000_000));
        MeasurementJson.ParseArray(_body, batch, new BatchReading(BatchBodies.Measurements));
        return batch.AcceptedCount == BatchBodies.Measurements ? batch.AcceptedCount : throw new InvalidOperationException("The body was not accepted.");
    }
}
