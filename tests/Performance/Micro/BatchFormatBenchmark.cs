using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using IotBackend.Api.Formats;
using IotBackend.Domain.Measurements;
using IotBackend.Performance.Load;

namespace IotBackend.Performance.Micro;

/// <summary>Parsing the same 1,000 measurements of three fields in each format; figures are for one measurement. In SenML each is three records.</summary>
public class BatchFormatBenchmark
{
    private byte[] _body = [];
    private IBatchFormat _format = BatchFormats.LineProtocol;
    private int _items;

    [Params("application/json", "application/x-ndjson", "text/plain", "application/senml+json")]
    public string Format { get; set; } = string.Empty;

    [GlobalSetup]
    public void Read()
    {
        var folder = Directory.CreateTempSubdirectory();
        var json = File.ReadAllText(BatchBodies.Write(folder.FullName, 1)[0]);
        var lines = File.ReadAllText(BatchBodies.WriteLines(folder.FullName, 1, BatchBodies.Measurements)[0]);
        folder.Delete(recursive: true);
        var text = Format switch
        {
            "application/json" => json,
            "application/x-ndjson" => json[1..^1].Replace("}},{", "}}\n{", StringComparison.Ordinal),
            "text/plain" => lines,
            _ => $"[{string.Join(',', lines.TrimEnd().Split('\n').Select(Records))}]",
        };
        _body = Encoding.UTF8.GetBytes(text);
        _format = BatchFormats.Find(Format)!;
        _items = Format == "application/senml+json" ? BatchBodies.PointsABody : BatchBodies.Measurements;
    }

    [Benchmark(OperationsPerInvoke = BatchBodies.Measurements)]
    public int Parse()
    {
        using var batch = new MeasurementBatch(new Timestamp(1_795_466_640_000_000_000));
        _format.Parse(_body, batch, new BatchReading(_items, TimestampUnit.Millisecond));
        return batch.AcceptedCount == _items ? batch.AcceptedCount : throw new InvalidOperationException("The body was not accepted.");
    }

    // climate,device=D a=1,b=2,c=3 T
    private static string Records(string line)
    {
        var parts = line.Split(' ');
        var device = parts[0].Split('=')[1];
        var seconds = long.Parse(parts[2], CultureInfo.InvariantCulture) / 1000;
        var records = parts[1].Split(',').Select(field => field.Split('=')).Select(field => $"{{\"n\":\"{field[0]}\",\"v\":{field[1]}}}").ToArray();
        records[0] = records[0].Replace("{", $"{{\"bn\":\"{device}/\",\"bt\":{seconds},", StringComparison.Ordinal);
        return string.Join(',', records);
    }
}
