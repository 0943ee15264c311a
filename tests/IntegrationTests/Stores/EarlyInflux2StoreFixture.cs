namespace IotBackend.IntegrationTests.Stores;

/// <summary>The store in an early InfluxDB 2.x, where InfluxQL finds no bucket that has not been mapped.</summary>
public sealed class EarlyInflux2StoreFixture : Influx2StoreFixture
{
    protected override bool MapsByItself => false;
}
