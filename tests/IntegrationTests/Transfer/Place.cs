using IotBackend.Application.Buckets;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.IntegrationTests.Stores;
using Xunit;

namespace IotBackend.IntegrationTests.Transfer;

/// <summary>A store as its settings name it, opened for a moment by whoever looks into it, since one process has it at a time.</summary>
internal sealed record Place(string Folder, params string[] Further)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>As they are given to a command.</summary>
    public string[] Settings => [$"--Data:Path={Folder}", .. Further];

    public async Task WriteAsync(Bucket bucket, params IEnumerable<Measurement> measurements)
    {
        await using var store = await StoreUnderTest.StartAsync(Folder, Further);
        await store.Buckets.SaveAsync(bucket, BucketCondition.None, Cancelled);
        foreach (var some in measurements.Chunk(TestBucket.LargestPage))
        {
            using var batch = TestBucket.BatchOf(some);
            Assert.Equal(WriteOutcome.Stored, (await store.Measurements.WriteAsync(bucket.Name, batch, Cancelled)).MustSucceed());
            Assert.Empty(batch.Faults);
        }
    }

    /// <summary>All buckets with all that they hold, in the order of devices, keys and times, as text to the bit.</summary>
    public async Task<IReadOnlyList<string>> ReadAsync()
    {
        await using var store = await StoreUnderTest.StartAsync(Folder, Further);
        var lines = new List<string>();
        foreach (var bucket in (await store.Buckets.ListAsync(Cancelled)).MustSucceed())
        {
            lines.Add(bucket.ToString());
            foreach (var device in (await store.Source.ListDevicesAsync(bucket.Name, Cancelled)).MustSucceed())
            {
                var measurements = new List<Measurement>();
                var all = new TimeRange(Timestamp.MinValue, Timestamp.MaxValue);
                (await store.Source.ReadAsync(bucket.Name, device, all, part => { measurements.AddRange(part); return ValueTask.CompletedTask; }, Cancelled)).MustSucceed();
                lines.AddRange(measurements.OrderBy(one => one.Key).ThenBy(one => one.Timestamp).Select(one => one.Show()));
            }
        }

        return lines;
    }

    public async Task<long> CountAsync(BucketName bucket)
    {
        await using var store = await StoreUnderTest.StartAsync(Folder, Further);
        var selection = new MeasurementSelection(
            new MeasurementFilter(bucket, [], [], [], [], DeviceSet.All), new TimeRange(Timestamp.MinValue, Timestamp.MaxValue));
        return (await store.Measurements.DeleteAsync(selection, dryRun: true, Cancelled)).MustSucceed();
    }
}
