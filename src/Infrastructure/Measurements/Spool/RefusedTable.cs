using IotBackend.Application.Measurements;
using IotBackend.Domain.Buckets;
using IotBackend.Infrastructure.Measurements.Sqlite;
using Microsoft.Data.Sqlite;

namespace IotBackend.Infrastructure.Measurements.Spool;

/// <summary>The rows of <c>spool.db</c> that the database refused for good.</summary>
internal sealed class RefusedTable(SqliteConnection connection) : IDisposable
{
    public const string Schema = """
        CREATE TABLE refused(
            id INTEGER PRIMARY KEY AUTOINCREMENT, bucket BLOB NOT NULL, measurements INTEGER NOT NULL, at INTEGER NOT NULL,
            code BLOB NOT NULL, reason BLOB NOT NULL, checksum INTEGER NOT NULL, bytes INTEGER NOT NULL, payload BLOB NOT NULL);
        """;

    private readonly SqliteStatement _insert =
        new(connection, "INSERT INTO refused(bucket, measurements, at, code, reason, checksum, bytes, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");

    private readonly SqliteStatement _find =
        new(connection, "SELECT id, bucket, measurements, bytes FROM refused WHERE id > ? AND id <= ? ORDER BY id");

    private readonly SqliteStatement _describe =
        new(connection, "SELECT at, code, reason, substr(payload, 1, ?) FROM refused WHERE id = ?");

    private readonly SqliteStatement _requeue = new(
        connection,
        """
        INSERT INTO waiting(bucket, measurements, at, checksum, bytes, payload)
        SELECT bucket, measurements, ?, checksum, bytes, payload FROM refused WHERE id = ?
        """);

    private readonly SqliteStatement _delete = new(connection, "DELETE FROM refused WHERE id = ?");
    private readonly SqliteStatement _drop = new(connection, "DELETE FROM refused WHERE bucket = ? RETURNING measurements, bytes");

    public void Insert(SpoolRefusal refusal, DateTimeOffset at) => _insert
        .Bind(1, SpoolColumns.Utf8(refusal.Bucket.Value)).Bind(2, refusal.Measurements).Bind(3, at.UtcTicks)
        .Bind(4, SpoolColumns.Utf8(refusal.Code)).Bind(5, SpoolColumns.Utf8(SpoolColumns.Cut(refusal.Reason)))
        .Bind(6, WaitingTable.Checksum(refusal.Payload.Span)).Bind(7, refusal.Payload.Length).Bind(8, refusal.Payload.Span).Run();

    /// <summary>Rows after one id and up to another, in order; of these buckets only, unless there are none.</summary>
    public IReadOnlyList<RefusedRow> Find(IReadOnlyCollection<BucketName> buckets, long after, long last, int limit)
    {
        List<RefusedRow> found = [];
        _find.Bind(1, after).Bind(2, last);
        try
        {
            while (found.Count < limit && _find.Step())
            {
                var bucket = SpoolColumns.Bucket(_find.Blob(1));
                if (buckets.Count == 0 || buckets.Contains(bucket))
                    found.Add(new RefusedRow(_find.Int64(0), bucket, (int)_find.Int64(2), _find.Int64(3)));
            }
        }
        finally
        {
            _find.Reset();
        }

        return found;
    }

    public RefusedMeasurements Describe(RefusedRow row)
    {
        _describe.Bind(1, SpoolColumns.MaxExcerptBytes).Bind(2, row.Id).Step();
        var (at, code, reason, sample) = (_describe.Int64(0), _describe.Text(1), _describe.Text(2), SpoolColumns.Excerpt(_describe.Blob(3)));
        _describe.Reset();
        return new RefusedMeasurements(row.Id, row.Bucket, SpoolColumns.Time(at), code, reason, row.Measurements, sample);
    }

    /// <summary>Moves the row to the end of those that wait.</summary>
    public void Requeue(RefusedRow row, DateTimeOffset at)
    {
        _requeue.Bind(1, at.UtcTicks).Bind(2, row.Id).Run();
        Delete(row);
    }

    public void Delete(RefusedRow row) => _delete.Bind(1, row.Id).Run();

    /// <summary>Deletes all of the bucket and tells how much that was.</summary>
    public SpoolCount Drop(BucketName bucket) => SpoolCount.Of(bucket, _drop.Bind(1, SpoolColumns.Utf8(bucket.Value)));

    /// <summary>How much of all buckets was refused; looks at every row.</summary>
    public (long Entries, long Measurements, long Bytes) Count()
    {
        using var row = new SqliteStatement(connection, "SELECT count(*), sum(measurements), sum(bytes) FROM refused");
        row.Step();
        return (row.Int64(0), row.Int64(1), row.Int64(2));
    }

    public void Dispose()
    {
        foreach (var statement in new[] { _insert, _find, _describe, _requeue, _delete, _drop })
            statement.Dispose();
    }
}
