using IotBackend.Application.Buckets;
using IotBackend.Application.Measurements;
using Xunit;

namespace IotBackend.IntegrationTests.Stores;

/// <summary>What all tests of stores share: a bucket of the test's own.</summary>
public abstract class StoreTests(StoreFixture fixture) : IAsyncLifetime
{
    private TestBucket? _bucket;

    internal StoreFixture Fixture => fixture;

    internal TestBucket Bucket => _bucket ?? throw new InvalidOperationException("The test has not begun.");

    internal StoreUnderTest Store => fixture.Store;

    internal IMeasurementStore Measurements => fixture.Store.Measurements;

    internal IBucketStore Buckets => fixture.Store.Buckets;

    protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (fixture.Lacks.TryGetValue(TestContext.Current.TestMethod!.MethodName, out var why))
            Assert.Skip(why);
        _bucket = await fixture.NewBucketAsync();
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
