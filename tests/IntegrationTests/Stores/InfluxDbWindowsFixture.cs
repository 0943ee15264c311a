namespace IotBackend.IntegrationTests.Stores;

/// <summary>The store in a real InfluxDB 1.x, which makes all windows that it can, however few values they have.</summary>
public sealed class InfluxDbWindowsFixture : InfluxDbStoreFixture
{
    protected override IReadOnlyList<string> Settings => ["--Measurements:InfluxDb:MaxStreamedValues=0"];
}
