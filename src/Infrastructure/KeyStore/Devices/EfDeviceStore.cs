using System.Globalization;
using System.Text;
using IotBackend.Application.Devices;
using IotBackend.Domain.Buckets;
using Microsoft.EntityFrameworkCore;

namespace IotBackend.Infrastructure.KeyStore.Devices;

/// <summary>What was counted of devices, in the key store's database.</summary>
internal sealed class EfDeviceStore(KeyStoreDatabase database) : IDeviceStore
{
    private const int RowsAtOnce = 100;
    private const int Columns = 6;
    private const int Attempts = 3;

    // Both databases understand it; adding in the database is what lets several nodes add to the same row.
    private const string Insert = """INSERT INTO "devices" ("Bucket", "Device", "FirstSeen", "LastSeen", "Measurements", "Changed") VALUES """;

    private const string AddUp = """
         ON CONFLICT ("Bucket", "Device") DO UPDATE SET
        "FirstSeen" = CASE WHEN "devices"."Measurements" = 0 OR excluded."FirstSeen" < "devices"."FirstSeen" THEN excluded."FirstSeen" ELSE "devices"."FirstSeen" END,
        "LastSeen" = CASE WHEN "devices"."Measurements" = 0 OR excluded."LastSeen" > "devices"."LastSeen" THEN excluded."LastSeen" ELSE "devices"."LastSeen" END,
        "Measurements" = "devices"."Measurements" + excluded."Measurements", "Changed" = excluded."Changed"
        """;

    // What somebody else has counted meanwhile is as good.
    private const string LeaveThere = """ ON CONFLICT ("Bucket", "Device") DO NOTHING""";

    public Task<IReadOnlyList<StoredDeviceCount>> ListAsync(DateTimeOffset? since, CancellationToken cancellationToken) =>
        database.AskAsync<IReadOnlyList<StoredDeviceCount>>(
            async context =>
            {
                var first = since?.ToUnixTimeMilliseconds() ?? long.MinValue;
                var found = new List<StoredDeviceCount>();
                await foreach (var row in context.Devices.AsNoTracking().Where(row => row.Changed >= first).AsAsyncEnumerable().WithCancellation(cancellationToken))
                {
                    if (BucketName.TryParse(row.Bucket, out _) is { } bucket)
                        found.Add(new StoredDeviceCount(bucket, row.Device, row.FirstSeen, row.LastSeen, row.Measurements));
                }

                return found;
            },
            cancellationToken);

    public Task AddAsync(IReadOnlyCollection<StoredDeviceCount> counts, DateTimeOffset now, CancellationToken cancellationToken) =>
        InsertAsync(counts, AddUp, now, cancellationToken);

    public Task FillAsync(IReadOnlyCollection<StoredDeviceCount> counts, DateTimeOffset now, CancellationToken cancellationToken) =>
        InsertAsync(counts, LeaveThere, now, cancellationToken);

    public Task ForgetAsync(BucketName bucket, IReadOnlyCollection<string>? devices, DateTimeOffset now, CancellationToken cancellationToken) => database.AskAsync(
        context =>
        {
            var (name, changed) = (bucket.Value, now.ToUnixTimeMilliseconds());
            var rows = context.Devices.Where(row => row.Bucket == name && row.Measurements > 0);
            if (devices is not null)
                rows = rows.Where(row => devices.Contains(row.Device));
            return rows.ExecuteUpdateAsync(row => row.SetProperty(one => one.Measurements, 0).SetProperty(one => one.Changed, changed), cancellationToken);
        },
        cancellationToken);

    private async Task InsertAsync(IReadOnlyCollection<StoredDeviceCount> counts, string onConflict, DateTimeOffset now, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await InsertOnceAsync(counts, onConflict, now, cancellationToken);
                return;
            }
            catch (Exception exception) when (attempt < Attempts && KeyStoreOutage.IsConflict(exception))
            {
                // Another node changed some of the same rows. Nothing was written.
            }
        }
    }

    private Task<bool> InsertOnceAsync(IReadOnlyCollection<StoredDeviceCount> counts, string onConflict, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.AskAsync(
            async context =>
            {
                await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);

                // In one order everywhere, so that two nodes do not wait for each other.
                var ordered = counts.OrderBy(count => count.Bucket.Value, StringComparer.Ordinal).ThenBy(count => count.Device, StringComparer.Ordinal);
                foreach (var some in ordered.Chunk(RowsAtOnce))
                    await context.Database.ExecuteSqlRawAsync(TextFor(some.Length, onConflict), some.SelectMany(count => ValuesOf(count, now)), cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                return true;
            },
            cancellationToken);

    private static string TextFor(int rows, string onConflict)
    {
        var text = new StringBuilder(Insert);
        for (var row = 0; row < rows; row++)
        {
            var places = Enumerable.Range(row * Columns, Columns).Select(place => string.Create(CultureInfo.InvariantCulture, $"{{{place}}}"));
            text.Append(row > 0 ? ", (" : "(").AppendJoin(", ", places).Append(')');
        }

        return text.Append(onConflict).ToString();
    }

    private static IEnumerable<object> ValuesOf(StoredDeviceCount count, DateTimeOffset now) =>
        [count.Bucket.Value, count.Device, count.FirstSeen, count.LastSeen, count.Measurements, now.ToUnixTimeMilliseconds()];
}
