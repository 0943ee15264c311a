using IotBackend.Infrastructure;
using IotBackend.Infrastructure.Measurements.Spool;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;
using static IotBackend.UnitTests.Infrastructure.Measurements.Spool.TestSpool;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Spool;

/// <summary>What a start refuses, and with what words.</summary>
public sealed class SpoolStartTests
{
    [Fact]
    public void A_folder_that_is_missing_is_made()
    {
        var parent = Directory.CreateTempSubdirectory("iot-spool-");
        var folder = Path.Combine(parent.FullName, "data", "deeper");

        using (new TestSpool(folder: folder))
            Assert.True(File.Exists(Path.Combine(folder, SpoolFile.FileName)));

        parent.Delete(recursive: true);
    }

    [Fact]
    public void A_second_opener_is_told_who_is_in_its_way()
    {
        using var spool = new TestSpool();

        Assert.Contains("used by another process", Refusal(spool.Folder), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_a_newer_version_is_refused()
    {
        using var spool = new TestSpool();
        spool.Close();
        Execute(spool, "PRAGMA user_version=99");

        Assert.Contains("newer version", Refusal(spool.Folder), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused()
    {
        using var spool = new TestSpool();
        spool.Close();
        File.WriteAllBytes(Path.Combine(spool.Folder, SpoolFile.FileName), [.. Enumerable.Repeat((byte)'x', 8192)]);

        Assert.Contains("damaged", Refusal(spool.Folder), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_last_page_is_refused()
    {
        using var spool = new TestSpool();
        for (var i = 0; i < 200; i++)
            await spool.AppendAsync(A, $"entry {i} {new string('x', 500)}");
        spool.Close();
        using (var file = new FileStream(Path.Combine(spool.Folder, SpoolFile.FileName), FileMode.Open, FileAccess.Write))
        {
            file.Seek(-4096, SeekOrigin.End);
            file.Write([.. Enumerable.Repeat((byte)0xA5, 4096)]);
        }

        Assert.Contains("damaged", Refusal(spool.Folder), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_row_that_names_no_bucket_is_refused()
    {
        using var spool = new TestSpool();
        await spool.AppendAsync(A, "1");
        spool.Close();
        Execute(spool, "UPDATE waiting SET bucket = x'FF'");

        Assert.Contains("damaged", Refusal(spool.Folder), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public async Task A_time_that_makes_no_sense_keeps_no_entry_from_its_way(long at)
    {
        using var spool = new TestSpool();
        await spool.AppendAsync(A, "1", "2");
        spool.Close();
        Execute(spool, $"UPDATE waiting SET at = {at} WHERE id = (SELECT min(id) FROM waiting)");
        spool.Open();

        Assert.Equal(["1", "2"], await spool.PayloadsAsync(A));
        await spool.AppendAsync(A, "3");
        Assert.Equal(["1", "2", "3"], await spool.PayloadsAsync(A));
    }

    [Fact]
    public async Task A_refused_start_leaves_the_folder_free()
    {
        using var spool = new TestSpool();
        await spool.AppendAsync(A, "1");
        spool.Close();
        Execute(spool, "PRAGMA user_version=99");
        Refusal(spool.Folder);
        Execute(spool, "PRAGMA user_version=1");

        spool.Open();

        Assert.Equal(["1"], await spool.PayloadsAsync(A));
    }

    // In one line that names the file, or the folder.
    private static string Refusal(string folder)
    {
        var refusal = Assert.Throws<StorageStartException>(
            () => new SpoolQueue(folder, new SpoolOptions(), TimeProvider.System, NullLogger<SpoolQueue>.Instance)).Message;
        Assert.Contains(folder, refusal, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal);
        return refusal;
    }

    private static void Execute(TestSpool spool, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(spool.Folder, SpoolFile.FileName)};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Each text is a constant of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
