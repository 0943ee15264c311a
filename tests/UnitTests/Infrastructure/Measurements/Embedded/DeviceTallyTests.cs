using IotBackend.Application.Devices;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Infrastructure.Measurements.Embedded;
using Microsoft.Data.Sqlite;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Embedded;

public sealed class DeviceTallyTests
{
    [Fact]
    public async Task Crash_at_any_moment_neither_loses_a_count_nor_counts_twice()
    {
        using var store = new TestStore(new EmbeddedStoreOptions { FlushSeconds = 86_400 });
        var expected = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var random = new Random(7);
        for (var step = 0; step < 60; step++)
        {
            var device = $"d-{random.Next(8)}";
            var count = random.Next(1, 40);
            await store.WriteAsync(writer =>
            {
                for (var i = 0; i < count; i++)
                    writer.Measure(device, (step * 1_000) + i, i);
            });
            expected[device] = expected.GetValueOrDefault(device) + count;
            if (step % 7 == 3)
                store.Flush();
            if (step % 5 == 0)
            {
                using var crashed = store.Crashed();
                Assert.Equal(expected, await CountsAsync(crashed));
                crashed.Kill();
                Assert.Equal(expected, await CountsAsync(crashed));
                crashed.Restart();
                Assert.Equal(expected, await CountsAsync(crashed));
            }

            if (step % 11 == 10)
                store.Kill();
        }

        store.Restart();
        Assert.Equal(expected, await CountsAsync(store));
        Assert.Equal(0, store.Query(InboxFile.FileName, "SELECT count(*) FROM inbox"));
    }

    [Fact]
    public async Task More_devices_than_go_into_one_transaction_are_saved_before_the_rows_go()
    {
        using var store = new TestStore();
        await store.WriteAsync(writer =>
        {
            for (var i = 0; i < 2_000; i++)
                writer.Measure($"d-{i}", 1, 1);
        });
        store.Flush();
        await UntilAsync(() => store.Query(InboxFile.FileName, "SELECT count(*) FROM inbox") == 0);

        Assert.Equal(2_000, store.Query(InboxFile.FileName, "SELECT sum(measurements) FROM device"));
        store.Kill();
        Assert.Equal(2_000, (await CountsAsync(store)).Values.Sum());
    }

    [Fact]
    public async Task Deleted_device_stays_forgotten_after_a_crash_and_others_keep_their_counts()
    {
        using var store = new TestStore();
        await store.WriteAsync("gone", 1, 1);
        await store.WriteAsync("kept", 1, 1);
        await store.Store.DeleteAsync(new MeasurementSelection(TestStore.Of("gone"), Deletion.AllTime), dryRun: false, CancellationToken.None);
        store.Kill();
        Assert.Equal(["kept"], (await CountsAsync(store)).Keys);

        await store.WriteAsync("gone", 2, 2);
        store.Kill();
        Assert.Equal([1L, 1L], (await CountsAsync(store)).Values);
    }

    [Fact]
    public async Task Deleted_bucket_leaves_no_record()
    {
        var bucket = TestStore.Named("short");
        using var store = new TestStore();
        await store.Store.Buckets.SaveAsync(new Bucket(bucket, string.Empty, default), IotBackend.Application.Buckets.BucketCondition.IsNew, CancellationToken.None);
        await store.WriteAsync("d", 1, 1, bucket);
        store.Flush();
        await UntilAsync(() => store.Query(InboxFile.FileName, "SELECT count(*) FROM device") == 1);

        await store.Store.Buckets.DeleteAsync(bucket, IotBackend.Application.Buckets.BucketCondition.None, CancellationToken.None);

        await UntilAsync(() => store.Query(InboxFile.FileName, "SELECT count(*) FROM device") == 0);
    }

    [Fact]
    public async Task Folder_of_a_version_without_devices_is_filled_from_what_it_holds_once()
    {
        using var store = new TestStore();
        for (var i = 1; i <= 300; i++)
            await store.WriteAsync("a", i, i);
        await store.WriteAsync("b", 7, 1);
        store.Flush();
        await store.WriteAsync("b", 9, 1);
        store.Close();
        Downgrade(store.Folder);

        store.Open();
        var page = await PageAsync(store);
        Assert.Equal([("a", 1L, 300L, 300L), ("b", 7L, 9L, 2L)], page.Items.Select(d => (d.Device, d.FirstSeen.Nanoseconds, d.LastSeen.Nanoseconds, d.Measurements)));

        await store.WriteAsync("b", 10, 1);
        store.Kill();
        Assert.Equal([300L, 3L], (await CountsAsync(store)).Values);
    }

    // As the version before left it.
    private static void Downgrade(string folder)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, InboxFile.FileName)};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "DROP TABLE device; ALTER TABLE progress DROP COLUMN has_devices; PRAGMA user_version=2;";
        command.ExecuteNonQuery();
    }

    private static async Task<DevicePage> PageAsync(TestStore store) => (await store.Store.Devices.ListAsync(
        new DeviceQuery(BucketName.Default, DeviceSet.All, string.Empty, null, null, 10_000, null), CancellationToken.None)).Value;

    private static async Task<SortedDictionary<string, long>> CountsAsync(TestStore store) =>
        new((await PageAsync(store)).Items.ToDictionary(device => device.Device, device => device.Measurements), StringComparer.Ordinal);

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var i = 0; i < 1_000 && !condition(); i++)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.True(condition());
    }
}
