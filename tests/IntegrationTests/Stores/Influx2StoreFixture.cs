using IotBackend.IntegrationTests.Hosting;
using IotBackend.IntegrationTests.Influx.Strict;
using Xunit;

namespace IotBackend.IntegrationTests.Stores;

/// <summary>The store in an InfluxDB 2.x, a strict one in front of a real 1.x.</summary>
public class Influx2StoreFixture : StoreFixture
{
    private InfluxServer? _real;
    private StrictInflux2? _influx;

    internal override long Earliest => long.MinValue + 2;

    internal override bool JudgesTypesByBucket => true;

    internal override long Latest => long.MaxValue - 1;

    internal override int Histories => 5;

    /// <summary>Whether buckets lead InfluxQL to them by themselves, as in later 2.x.</summary>
    protected virtual bool MapsByItself => true;

    protected override string? Missing => InfluxProcess.Find() is null ? InfluxServer.Missing : null;

    protected override async Task<IReadOnlyList<string>> StartDatabaseAsync()
    {
        _real = await InfluxServer.StartAsync();
        _influx = new StrictInflux2(_real.Url, MapsByItself);
        await _influx.StartAsync(TestContext.Current.CancellationToken);
        return
        [
            "--Measurements:Store=InfluxDb", $"--Measurements:InfluxDb:Url={_influx.Url}", $"--Measurements:InfluxDb:Token={StrictInflux2.Token}",
            $"--Measurements:InfluxDb:Organization={StrictInflux2.Organization}",
        ];
    }

    protected override async Task StopDatabaseAsync()
    {
        if (_influx is { } influx)
        {
            await influx.DisposeAsync();
            Assert.Empty(influx.Deviations);
        }

        if (_real is { } real)
            await real.DisposeAsync();
    }
}
