using System.Diagnostics;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Measurements;
using IotBackend.Infrastructure;
using IotBackend.Infrastructure.Measurements.Embedded;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Embedded;

/// <summary>What a start refuses, with what words, and that it is quick.</summary>
public sealed class EmbeddedStoreStartTests
{
    private const int PageSize = 16384;

    [Fact]
    public void A_folder_that_is_missing_is_made()
    {
        var parent = Directory.CreateTempSubdirectory("iot-store-");
        var folder = Path.Combine(parent.FullName, "data", "measurements");

        using (new TestStore(folder: folder))
            Assert.True(File.Exists(Path.Combine(folder, InboxFile.FileName)));

        parent.Delete(recursive: true);
    }

    [Fact]
    public void A_second_opener_is_told_who_is_in_its_way()
    {
        using var store = new TestStore();

        Assert.Contains("used by another process", Refusal(store.Folder), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_is_free_again_after_the_store_was_closed()
    {
        using var store = new TestStore();
        store.Close();
        store.Open();
    }

    [Fact]
    public void A_folder_that_can_not_be_made_is_refused_in_one_line()
    {
        var file = Path.GetTempFileName();

        var refusal = Refusal(Path.Combine(file, "data"));

        Assert.Contains(file, refusal, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal);
        File.Delete(file);
    }

    [Theory]
    [InlineData(InboxFile.FileName)]
    [InlineData(ChunkFile.FileName)]
    public void A_file_of_a_newer_version_is_refused(string file)
    {
        using var store = new TestStore();
        store.Close();
        Execute(store, file, "PRAGMA user_version=99");

        var refusal = Refusal(store.Folder);

        Assert.Contains(file, refusal, StringComparison.Ordinal);
        Assert.Contains("newer version", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(InboxFile.FileName)]
    [InlineData(ChunkFile.FileName)]
    public void A_file_that_is_no_database_is_refused(string file)
    {
        using var store = new TestStore();
        store.Close();
        File.WriteAllBytes(Path.Combine(store.Folder, file), [.. Enumerable.Repeat((byte)'x', 8192)]);

        var refusal = Refusal(store.Folder);

        Assert.Contains(file, refusal, StringComparison.Ordinal);
        Assert.Contains("damaged", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_last_page_of_the_inbox_is_refused()
    {
        using var store = new TestStore();
        for (var i = 0; i < 200; i++)
            await store.WriteAsync($"device-{i}", i, i);
        store.Store.Abandon();
        Execute(store, InboxFile.FileName, "PRAGMA wal_checkpoint(TRUNCATE)");
        Overwrite(Path.Combine(store.Folder, InboxFile.FileName), -4096, 4096);

        Assert.Contains("damaged", Refusal(store.Folder), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_row_of_the_inbox_is_refused()
    {
        using var store = new TestStore();
        await store.WriteAsync("d", 1, 1);
        store.Store.Abandon();
        Execute(store, InboxFile.FileName, "UPDATE inbox SET data = substr(data, 1, 3) || x'FF' || substr(data, 5)");

        var refusal = Refusal(store.Folder);

        Assert.Contains(InboxFile.FileName, refusal, StringComparison.Ordinal);
        Assert.Contains("damaged", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_last_page_of_the_chunks_is_refused()
    {
        using var store = new TestStore();
        await store.WriteAsync(writer =>
        {
            for (var i = 0; i < 5000; i++)
                writer.Measure($"device-{i % 500}", i, Math.Sqrt(i));
        });
        store.Close();
        Execute(store, ChunkFile.FileName, "PRAGMA wal_checkpoint(TRUNCATE)");
        Overwrite(Path.Combine(store.Folder, ChunkFile.FileName), -PageSize, PageSize);

        Assert.Contains("damaged", Refusal(store.Folder), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_start_leaves_the_folder_free()
    {
        using var store = new TestStore();
        await store.WriteAsync("d", 1, 1);
        store.Close();
        Execute(store, ChunkFile.FileName, "PRAGMA user_version=99");
        Refusal(store.Folder);
        Execute(store, ChunkFile.FileName, "PRAGMA user_version=1");

        store.Open();

        Assert.Equal([(1, 1.0)], await store.PointsAsync("d"));
    }

    [Fact]
    public async Task Ten_thousand_series_come_back_quickly_and_whole()
    {
        using var store = new TestStore();
        await store.WriteAsync(writer =>
        {
            for (var i = 0; i < 10_000; i++)
                writer.Measure($"device-{i:00000}", i, i);
        });
        store.Kill();
        Assert.Equal(10_000, store.Store.SeriesCount);
        store.Flush();
        var clock = Stopwatch.StartNew();
        store.Restart();
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(2), $"The restart took {clock.Elapsed}.");

        var newest = await store.ReadAsync(order: SortOrder.Descending, limit: 3);
        Assert.Equal(["device-09999", "device-09998", "device-09997"], newest.Items.Select(item => item.Key.Device));
        var oldest = await store.ReadAsync(limit: 3);
        Assert.Equal(["device-00000", "device-00001", "device-00002"], oldest.Items.Select(item => item.Key.Device));
        var latest = await store.LatestAsync(limit: 4000, after: MeasurementKey.Create("device-07999", "telemetry"));
        Assert.Equal(2000, latest.Items.Count);
        Assert.False(latest.HasMore);
    }

    private static string Refusal(string folder) => Assert.Throws<StorageStartException>(
        () => new EmbeddedStore(folder, new EmbeddedStoreOptions(), TimeProvider.System, NullLogger<EmbeddedStore>.Instance)).Message;

    private static void Execute(TestStore store, string file, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(store.Folder, file)};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Each text is a constant of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static void Overwrite(string path, int fromEnd, int length)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
        file.Seek(fromEnd, SeekOrigin.End);
        file.Write([.. Enumerable.Repeat((byte)0xA5, length)]);
    }
}
