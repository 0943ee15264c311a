using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Infrastructure.Measurements.Sqlite;
using Microsoft.Data.Sqlite;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>The catalog's tables in <c>inbox.db</c>. Whatever is written belongs to a transaction of <see cref="InboxFile"/>.</summary>
internal sealed class CatalogTables(SqliteConnection connection) : IDisposable
{
    /// <summary>What the first version had.</summary>
    public const string Version1 = """
        CREATE TABLE bucket(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
        CREATE TABLE field(id INTEGER PRIMARY KEY, bucket_id INTEGER NOT NULL, measurement BLOB NOT NULL, name BLOB NOT NULL, type INTEGER NOT NULL);
        CREATE TABLE origin(id INTEGER PRIMARY KEY, bucket_id INTEGER NOT NULL, key BLOB NOT NULL);
        CREATE TABLE series(id INTEGER PRIMARY KEY, origin_id INTEGER NOT NULL, name BLOB NOT NULL);
        INSERT INTO bucket(id, name) VALUES (1, 'default');
        """;

    /// <summary>
    /// Buckets get a description, a retention in hours (none: for ever), and a mark when they are deleted: the inbox row that was the last
    /// one then. What is left of a deleted bucket goes bit by bit, and meanwhile a new one may have its name.
    /// </summary>
    public const string Version2 = """
        ALTER TABLE bucket RENAME TO bucket_1;
        CREATE TABLE bucket(
            id INTEGER PRIMARY KEY, name TEXT NOT NULL, description TEXT NOT NULL, retention_hours INTEGER, deleted_after INTEGER);
        INSERT INTO bucket(id, name, description) SELECT id, name, '' FROM bucket_1;
        DROP TABLE bucket_1;
        CREATE UNIQUE INDEX bucket_name ON bucket(name) WHERE deleted_after IS NULL;
        """;

    /// <summary>Devices get a record each of what they have sent, with the inbox row up to which it counts.</summary>
    public const string Version3 = """
        CREATE TABLE device(
            bucket_id INTEGER NOT NULL, name BLOB NOT NULL, first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL, measurements INTEGER NOT NULL,
            saved_to INTEGER NOT NULL, PRIMARY KEY(bucket_id, name)) WITHOUT ROWID;
        """;

    private readonly SqliteStatement _insertField = new(connection, "INSERT INTO field(bucket_id, measurement, name, type) VALUES (?, ?, ?, ?)");
    private readonly SqliteStatement _insertOrigin = new(connection, "INSERT INTO origin(id, bucket_id, key) VALUES (?, ?, ?)");
    private readonly SqliteStatement _insertSeries = new(connection, "INSERT INTO series(id, origin_id, name) VALUES (?, ?, ?)");
    private readonly SqliteStatement _eraseOrigin = new(connection, "DELETE FROM origin WHERE id = ?");
    private readonly SqliteStatement _eraseDevice = new(connection, "DELETE FROM device WHERE bucket_id = ? AND name = ?");
    private readonly SqliteStatement _saveDevice = new(
        connection, "INSERT OR REPLACE INTO device(bucket_id, name, first_seen, last_seen, measurements, saved_to) VALUES (?, ?, ?, ?, ?, ?)");

    private readonly SqliteStatement _eraseSeries = new(connection, "DELETE FROM series WHERE id = ?");

    /// <summary>Fills the catalog.</summary>
    /// <exception cref="InvalidDataException">The tables contradict each other.</exception>
    public void Load(Catalog catalog)
    {
        var buckets = LoadBuckets(catalog);
        LoadFields(buckets);
        LoadSeries(catalog, LoadOrigins(catalog, buckets));
        LoadDevices(buckets);
    }

    /// <summary>Writes the fields, origins and series that the catalog has noted as new.</summary>
    public void InsertNew(Catalog catalog)
    {
        foreach (var (origin, field) in catalog.NewFields)
            _insertField.Bind(1, origin.Bucket.Id).Bind(2, origin.Name).Bind(3, field.Utf8).Bind(4, (long)field.Type).Run();
        foreach (var origin in catalog.NewOrigins)
            _insertOrigin.Bind(1, origin.Id).Bind(2, origin.Bucket.Id).Bind(3, origin.Utf8).Run();
        foreach (var series in catalog.NewSeries)
            _insertSeries.Bind(1, series.Id).Bind(2, series.Origin.Id).Bind(3, series.Field.Utf8).Run();
    }

    public void Insert(int id, Bucket bucket)
    {
        using var insert = new SqliteStatement(connection, "INSERT INTO bucket(description, retention_hours, id, name) VALUES (?, ?, ?, ?)");
        BindRules(insert, bucket).Bind(3, id).Bind(4, bucket.Name.Value).Run();
    }

    public void Update(int id, Bucket bucket)
    {
        using var update = new SqliteStatement(connection, "UPDATE bucket SET description = ?, retention_hours = ? WHERE id = ?");
        BindRules(update, bucket).Bind(3, id).Run();
    }

    public void MarkDeleted(int id, long lastSequence)
    {
        using var mark = new SqliteStatement(connection, "UPDATE bucket SET deleted_after = ? WHERE id = ?");
        mark.Bind(1, lastSequence).Bind(2, id).Run();
    }

    /// <summary>Writes what is known of a device.</summary>
    /// <param name="device">The device; one of a deleted bucket is left out, since its record may be gone already.</param>
    /// <param name="savedTo">The last inbox row that its record counts.</param>
    public void Save(StoredDevice device, long savedTo)
    {
        var record = device.Record;
        if (!device.Bucket.IsDeleted)
            Save(device, record.Measurements, savedTo);
    }

    /// <summary>Writes that nothing is left of a device, as of an inbox row.</summary>
    public void SaveForgotten(StoredDevice device, long savedTo) => Save(device, 0, savedTo);

    /// <summary>Removes an origin, its series, and the record of its device, in a bucket of which nothing stays.</summary>
    public void Erase(Origin origin)
    {
        foreach (var series in origin.Fields)
            _eraseSeries.Bind(1, series.Id).Run();
        _eraseOrigin.Bind(1, origin.Id).Run();
        _eraseDevice.Bind(1, origin.Bucket.Id).Bind(2, origin.Device).Run();
    }

    /// <summary>Removes a bucket that has no origins any more.</summary>
    public void EraseBucket(int id)
    {
        foreach (var text in new[] { "DELETE FROM field WHERE bucket_id = ?", "DELETE FROM bucket WHERE id = ?" })
        {
            using var erase = new SqliteStatement(connection, text);
            erase.Bind(1, id).Run();
        }
    }

    public void Dispose()
    {
        foreach (var statement in new[] { _insertField, _insertOrigin, _insertSeries, _eraseOrigin, _eraseSeries, _eraseDevice, _saveDevice })
            statement.Dispose();
    }

    private void Save(StoredDevice device, long measurements, long savedTo) => _saveDevice
        .Bind(1, device.Bucket.Id).Bind(2, device.Record.Utf8).Bind(3, device.Record.FirstSeen).Bind(4, device.Record.LastSeen)
        .Bind(5, measurements).Bind(6, savedTo).Run();

    private void LoadDevices(Dictionary<long, BucketCatalog> buckets)
    {
        using var rows = new SqliteStatement(connection, "SELECT bucket_id, name, first_seen, last_seen, measurements, saved_to FROM device");
        while (rows.Step())
        {
            // Of a bucket that is being erased some may be there still, and its origins gone.
            if (buckets.GetValueOrDefault(rows.Int64(0))?.FindDevice(rows.Blob(1).ToArray()) is not { } device)
                continue;
            device.Record.Set(rows.Int64(4), rows.Int64(2), rows.Int64(3));
            device.SavedTo = rows.Int64(5);
            device.IsListed = true;
            device.Bucket.Index.Add(device.Record);
        }
    }

    private static SqliteStatement BindRules(SqliteStatement statement, Bucket bucket)
    {
        statement.Bind(1, bucket.Description);
        return bucket.Retention.Hours is { } hours ? statement.Bind(2, hours) : statement.BindNull(2);
    }

    private static Retention ToRetention(long hours) => hours is >= Retention.MinHours and <= Retention.MaxHours
        ? Retention.OfHours((int)hours)
        : throw new InvalidDataException($"A bucket keeps {hours} hours.");

    private Dictionary<long, BucketCatalog> LoadBuckets(Catalog catalog)
    {
        var buckets = new Dictionary<long, BucketCatalog>();
        using var rows = new SqliteStatement(connection, "SELECT id, name, description, retention_hours, deleted_after FROM bucket");
        while (rows.Step())
        {
            var name = BucketName.TryParse(rows.Text(1), out var wrong)
                ?? throw new InvalidDataException($"The name of the bucket {rows.Int64(0)} {wrong}.");
            var bucket = new Bucket(name, rows.Text(2), rows.IsNull(3) ? Retention.Forever : ToRetention(rows.Int64(3)));
            buckets[rows.Int64(0)] = catalog.LoadBucket((int)rows.Int64(0), bucket, rows.IsNull(4) ? null : rows.Int64(4));
        }

        return buckets;
    }

    private void LoadFields(Dictionary<long, BucketCatalog> buckets)
    {
        using var rows = new SqliteStatement(connection, "SELECT bucket_id, measurement, name, type FROM field");
        while (rows.Step())
            buckets[rows.Int64(0)].AddField(rows.Blob(1), new FieldDefinition(rows.Text(2), rows.Blob(2).ToArray(), (FieldType)rows.Int64(3)));
    }

    private Dictionary<long, Origin> LoadOrigins(Catalog catalog, Dictionary<long, BucketCatalog> buckets)
    {
        var origins = new Dictionary<long, Origin>();
        using var rows = new SqliteStatement(connection, "SELECT id, bucket_id, key FROM origin ORDER BY id");
        while (rows.Step())
            origins[rows.Int64(0)] = catalog.LoadOrigin((int)rows.Int64(0), buckets[rows.Int64(1)], rows.Blob(2));
        return origins;
    }

    private void LoadSeries(Catalog catalog, Dictionary<long, Origin> origins)
    {
        using var rows = new SqliteStatement(connection, "SELECT id, origin_id, name FROM series ORDER BY id");
        while (rows.Step())
        {
            var origin = origins[rows.Int64(1)];
            var field = origin.Bucket.FindField(origin.Name, rows.Blob(2))
                ?? throw new InvalidDataException($"The series {rows.Int64(0)} has no field.");
            catalog.LoadSeries((int)rows.Int64(0), origin, field);
        }
    }
}
