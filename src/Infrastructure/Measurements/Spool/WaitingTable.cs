using System.IO.Hashing;
using IotBackend.Domain.Buckets;
using IotBackend.Infrastructure.Measurements.Sqlite;
using Microsoft.Data.Sqlite;

namespace IotBackend.Infrastructure.Measurements.Spool;

/// <summary>The rows of <c>spool.db</c> that wait: an entry a row, by id in the order in which they came.</summary>
internal sealed class WaitingTable(SqliteConnection connection) : IDisposable
{
    // AUTOINCREMENT: an id is never given twice, not even when the table was empty in between. The index holds all that a start counts,
    // so that it reads no payload: a million entries take some tenths of a second.
    public const string Schema = """
        CREATE TABLE waiting(
            id INTEGER PRIMARY KEY AUTOINCREMENT, bucket BLOB NOT NULL, measurements INTEGER NOT NULL, at INTEGER NOT NULL,
            checksum INTEGER NOT NULL, bytes INTEGER NOT NULL, payload BLOB NOT NULL);
        CREATE INDEX waiting_by_bucket ON waiting(bucket, id, measurements, bytes);
        """;

    private readonly SqliteStatement _insert =
        new(connection, "INSERT INTO waiting(bucket, measurements, at, checksum, bytes, payload) VALUES (?, ?, ?, ?, ?, ?)");

    private readonly SqliteStatement _peek =
        new(connection, "SELECT id, measurements, at, checksum, bytes, payload FROM waiting WHERE bucket = ? ORDER BY id");

    private readonly SqliteStatement _delete = new(connection, "DELETE FROM waiting WHERE id = ? RETURNING measurements, bytes");
    private readonly SqliteStatement _drop = new(connection, "DELETE FROM waiting WHERE bucket = ? RETURNING measurements, bytes");
    private readonly SqliteStatement _oldest = new(connection, "SELECT at FROM waiting ORDER BY id LIMIT 1");

    public static long Checksum(ReadOnlySpan<byte> payload) => (long)XxHash3.HashToUInt64(payload);

    public void Insert(BucketName bucket, int measurements, DateTimeOffset at, ReadOnlySpan<byte> payload) => _insert
        .Bind(1, SpoolColumns.Utf8(bucket.Value)).Bind(2, measurements).Bind(3, at.UtcTicks)
        .Bind(4, Checksum(payload)).Bind(5, payload.Length).Bind(6, payload).Run();

    /// <summary>The oldest of the bucket: at least one when any waits, else no more than fit into so many bytes.</summary>
    public SpoolPeek Peek(BucketName bucket, long maxBytes)
    {
        var found = new SpoolPeek([], []);
        _peek.Bind(1, SpoolColumns.Utf8(bucket.Value));
        try
        {
            for (var bytes = 0L; _peek.Step();)
            {
                bytes += _peek.Int64(4);
                if (bytes > maxBytes && !found.IsEmpty)
                    break;
                var entry = ReadEntry(bucket);
                (Checksum(entry.Payload.Span) == _peek.Int64(3) ? found.Whole : found.Damaged).Add(entry);
            }
        }
        finally
        {
            _peek.Reset();
        }

        return found;
    }

    /// <summary>Tells how much was deleted: nothing when there is no such entry any more.</summary>
    public SpoolCount Delete(SpoolEntry entry) => SpoolCount.Of(entry.Bucket, _delete.Bind(1, entry.Id));

    /// <summary>Deletes all of the bucket and tells how much that was.</summary>
    public SpoolCount Drop(BucketName bucket) => SpoolCount.Of(bucket, _drop.Bind(1, SpoolColumns.Utf8(bucket.Value)));

    public DateTimeOffset? OldestAt()
    {
        long? at = _oldest.Step() ? _oldest.Int64(0) : null;
        _oldest.Reset();
        return at is { } ticks ? SpoolColumns.Time(ticks) : null;
    }

    /// <summary>What waits, by bucket; looks at every entry.</summary>
    /// <exception cref="InvalidDataException">A row names no bucket.</exception>
    public IReadOnlyList<SpoolCount> Count()
    {
        using var rows = new SqliteStatement(connection, "SELECT bucket, count(*), sum(measurements), sum(bytes) FROM waiting GROUP BY bucket");
        List<SpoolCount> counts = [];
        while (rows.Step())
            counts.Add(new SpoolCount(SpoolColumns.Bucket(rows.Blob(0)), rows.Int64(1), rows.Int64(2), rows.Int64(3)));
        return counts;
    }

    public void Dispose()
    {
        foreach (var statement in new[] { _insert, _peek, _delete, _drop, _oldest })
            statement.Dispose();
    }

    private SpoolEntry ReadEntry(BucketName bucket) =>
        new(_peek.Int64(0), bucket, (int)_peek.Int64(1), SpoolColumns.Time(_peek.Int64(2)), _peek.Blob(5).ToArray());
}
