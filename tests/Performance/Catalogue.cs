using IotBackend.Performance.Measurements;

namespace IotBackend.Performance;

/// <summary>The measurements that exist, in the order of the table.</summary>
internal static class Catalogue
{
    public static readonly IReadOnlyList<IBenchmark> All =
    [
        new P01SingleWrite(),
        new P02InfluxWrite(),
        new P03BatchWrite(),
        new P04LineWrite(),
        new P05VictoriaMetricsWrite(),
        new P06ReadPage(),
        new P07Queries(),
        new P08BytesOnDisk(),
        new P09ManySeries(),
        new P10RedisWrite(),
        new P11Flood(),
        new P12Latency(),
        new P13Resources(),
        new P14Allocations(),
        new P15InfluxSingle(),
        new P16InfluxBatches(),
    ];

    public static IBenchmark? Find(string id) => All.FirstOrDefault(benchmark => benchmark.Id.Equals(id, StringComparison.OrdinalIgnoreCase));
}
