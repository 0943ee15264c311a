using Xunit;

namespace IotBackend.IntegrationTests.Stores;

/// <summary>Windows that InfluxDB makes, held to what is asked of those that are made here.</summary>
public static class InfluxDbWindowsTests
{
    public sealed class Aggregates(InfluxDbWindowsFixture store) : AggregateTests(store), IClassFixture<InfluxDbWindowsFixture>;

    public sealed class Models(InfluxDbWindowsFixture store) : ModelTests(store), IClassFixture<InfluxDbWindowsFixture>;
}
