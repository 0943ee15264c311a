using Xunit;

namespace IotBackend.IntegrationTests.Stores;

/// <summary>The store in an early InfluxDB 2.x, held to what concerns how buckets are found there.</summary>
public static class EarlyInflux2Tests
{
    public sealed class Buckets(EarlyInflux2StoreFixture store) : BucketTests(store), IClassFixture<EarlyInflux2StoreFixture>;
}
