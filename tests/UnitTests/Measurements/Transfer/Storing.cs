using IotBackend.Application.Measurements;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using Xunit;

namespace IotBackend.UnitTests.Measurements.Transfer;

/// <summary>Puts measurements into a store.</summary>
internal static class Storing
{
    /// <summary>In one batch; none may be refused.</summary>
    public static async Task StoreAsync(IMeasurementStore store, BucketName bucket, IEnumerable<Measurement> measurements)
    {
        using var batch = new MeasurementBatch(new Timestamp(0));
        var writer = new MeasurementBatchWriter(batch);
        foreach (var measurement in measurements)
            writer.Measure(measurement);
        Assert.Equal(WriteOutcome.Stored, (await store.WriteAsync(bucket, batch, TestContext.Current.CancellationToken)).Value);
        Assert.Empty(batch.Faults);
    }
}
