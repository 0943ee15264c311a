using IotBackend.IntegrationTests.Hosting;

namespace IotBackend.IntegrationTests.Stores;

/// <summary>The store in a real InfluxDB 1.x, one for all tests of a class.</summary>
public class InfluxDbStoreFixture : StoreFixture
{
    private InfluxServer? _influx;

    // The two lowest and the highest of what 64 bits can say mean something else to InfluxDB.
    internal override long Earliest => long.MinValue + 2;

    internal override bool JudgesTypesByBucket => true;

    internal override long Latest => long.MaxValue - 1;

    internal override int Histories => 15;

    protected override string? Missing => InfluxProcess.Find() is null ? InfluxServer.Missing : null;

    /// <summary>Further ones.</summary>
    protected virtual IReadOnlyList<string> Settings => [];

    protected override async Task<IReadOnlyList<string>> StartDatabaseAsync()
    {
        _influx = await InfluxServer.StartAsync();
        return ["--Measurements:Store=InfluxDb", $"--Measurements:InfluxDb:Url={_influx.Url}", .. Settings];
    }

    protected override async Task StopDatabaseAsync()
    {
        if (_influx is { } influx)
            await influx.DisposeAsync();
    }
}
