using System.Buffers;
using System.Text;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Infrastructure.Measurements.Embedded;
using Microsoft.Data.Sqlite;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Embedded;

/// <summary>An inbox that the first version has written is taken over with all that it holds.</summary>
public sealed class InboxMigrationTests
{
    // As it was released; not to be changed with the code.
    private const string FirstSchema = """
        PRAGMA page_size=4096; PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL;
        CREATE TABLE bucket(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
        CREATE TABLE field(id INTEGER PRIMARY KEY, bucket_id INTEGER NOT NULL, measurement BLOB NOT NULL, name BLOB NOT NULL, type INTEGER NOT NULL);
        CREATE TABLE origin(id INTEGER PRIMARY KEY, bucket_id INTEGER NOT NULL, key BLOB NOT NULL);
        CREATE TABLE series(id INTEGER PRIMARY KEY, origin_id INTEGER NOT NULL, name BLOB NOT NULL);
        CREATE TABLE inbox(sequence INTEGER PRIMARY KEY, data BLOB NOT NULL);
        CREATE TABLE progress(id INTEGER PRIMARY KEY CHECK (id = 1), trimmed INTEGER NOT NULL);
        INSERT INTO bucket(id, name) VALUES (1, 'default');
        INSERT INTO progress(id, trimmed) VALUES (1, 41);
        INSERT INTO field(bucket_id, measurement, name, type) VALUES (1, CAST('telemetry' AS BLOB), CAST('value' AS BLOB), 1);
        INSERT INTO origin(id, bucket_id, key) VALUES (1, 1, CAST('d' AS BLOB) || x'00' || CAST('telemetry' AS BLOB));
        INSERT INTO series(id, origin_id, name) VALUES (1, 1, CAST('value' AS BLOB));
        PRAGMA user_version=1;
        """;

    [Fact]
    public async Task What_the_first_version_wrote_is_read_and_can_be_changed()
    {
        var folder = Directory.CreateTempSubdirectory("iot-store-").FullName;
        WriteFirstVersion(folder, (10, 1.5), (20, 2.5));

        using var store = new TestStore(folder: folder);

        Assert.Equal(3, store.Query(InboxFile.FileName, "PRAGMA user_version"));
        Assert.Equal([(10, 1.5), (20, 2.5)], await store.PointsAsync("d"));
        Assert.Equal([Bucket.Default], (await store.Store.Buckets.ListAsync(CancellationToken.None)).Value);
        await store.WriteAsync("d", 30, 3.5);
        Assert.Equal(43, store.Store.Inbox.Sequence);
        await store.SaveBucketAsync("default", hours: Retention.MaxHours, description: "kept");
        await store.SaveBucketAsync("second");
        store.Kill();
        store.Restart();
        Assert.Equal([(10, 1.5), (20, 2.5), (30, 3.5)], await store.PointsAsync("d"));
        Assert.Equal(["kept", ""], (await store.Store.Buckets.ListAsync(CancellationToken.None)).Value.Select(bucket => bucket.Description));
    }

    [Fact]
    public async Task Types_of_fields_stay_what_they_were()
    {
        var folder = Directory.CreateTempSubdirectory("iot-store-").FullName;
        WriteFirstVersion(folder, (10, 1.5));
        using var store = new TestStore(folder: folder);
        using var batch = TestStore.Batch(writer => writer.Measure(MeasurementKey.Create("e", "telemetry"), 1, ("value", FieldValue.Of("text"))));

        await store.Store.WriteAsync(BucketName.Default, batch, CancellationToken.None);

        Assert.Equal(1, batch.RejectedCount);
    }

    private static void WriteFirstVersion(string folder, params IEnumerable<(long Time, double Value)> points)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, InboxFile.FileName)};Pooling=False");
        connection.Open();
        using var create = connection.CreateCommand();
        create.CommandText = FirstSchema;
        create.ExecuteNonQuery();
        using var insert = connection.CreateCommand();
        insert.CommandText = "INSERT INTO inbox(sequence, data) VALUES (42, $data)";
        insert.Parameters.AddWithValue("$data", Record(points));
        insert.ExecuteNonQuery();
    }

    private static byte[] Record(IEnumerable<(long Time, double Value)> points)
    {
        var catalog = new Catalog();
        var origin = catalog.AddOrigin(catalog.LoadBucket(1, Bucket.Default, null), Encoding.UTF8.GetBytes("d\0telemetry"));
        var series = catalog.AddSeries(origin, "value"u8, FieldType.Number);
        var output = new ArrayBufferWriter<byte>();
        InboxRecord.WritePoints([.. points.Select(point => new GroupPoint(series, point.Time, BitConverter.DoubleToInt64Bits(point.Value), null))], 1_000, output);
        return WithoutTime(output.WrittenSpan);
    }

    // As the first version wrote it: another kind, and no time of receipt after the count, which takes one byte.
    private static byte[] WithoutTime(ReadOnlySpan<byte> record)
    {
        byte[] content = [1, record[1], .. record[(2 + sizeof(long))..^sizeof(uint)]];
        return [.. content, .. BitConverter.GetBytes(System.IO.Hashing.Crc32.HashToUInt32(content))];
    }
}
