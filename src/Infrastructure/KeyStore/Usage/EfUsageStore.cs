using System.Globalization;
using System.Text;
using IotBackend.Application.Access.Usage;
using Microsoft.EntityFrameworkCore;

namespace IotBackend.Infrastructure.KeyStore.Usage;

/// <summary>Usage in the key store's database.</summary>
internal sealed class EfUsageStore(KeyStoreDatabase database) : IUsageStore
{
    private const int RowsAtOnce = 100;
    private const int Columns = 7;
    private const int Attempts = 3;

    // Both databases understand it; adding in the database is what lets several nodes add to the same row.
    private const string Insert = """INSERT INTO "usage" ("KeyId", "Hours", "From", "Requests", "Measurements", "Bytes", "Rejected") VALUES """;

    private const string AddUp = """
         ON CONFLICT ("KeyId", "Hours", "From") DO UPDATE SET
        "Requests" = "usage"."Requests" + excluded."Requests", "Measurements" = "usage"."Measurements" + excluded."Measurements",
        "Bytes" = "usage"."Bytes" + excluded."Bytes", "Rejected" = "usage"."Rejected" + excluded."Rejected"
        """;

    public async Task AddAsync(IReadOnlyCollection<KeyUsage> usages, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await AddOnceAsync(usages, cancellationToken);
                return;
            }
            catch (Exception exception) when (attempt < Attempts && KeyStoreOutage.IsConflict(exception))
            {
                // Another node cleans up some of the same rows in another order. Nothing was added; at the program's end nobody would try again.
            }
        }
    }

    public Task<IReadOnlyList<KeyUsage>> ReadAsync(
        string keyId, int hours, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) => database.AskAsync<IReadOnlyList<KeyUsage>>(
        async context =>
        {
            var (first, end) = (from.UtcDateTime, to.UtcDateTime);
            var rows = await context.Usage.AsNoTracking()
                .Where(row => row.KeyId == keyId && row.Hours == hours && row.From >= first && row.From < end)
                .ToListAsync(cancellationToken);
            return [.. rows.Select(ToUsage)];
        },
        cancellationToken);

    public async Task DeleteBeforeAsync(int hours, DateTimeOffset time, CancellationToken cancellationToken)
    {
        var first = time.UtcDateTime;
        try
        {
            await database.AskAsync(
                context => context.Usage.Where(row => row.Hours == hours && row.From < first).ExecuteDeleteAsync(cancellationToken), cancellationToken);
        }
        catch (Exception exception) when (KeyStoreOutage.IsConflict(exception))
        {
            // Another node adds to or cleans up some of the same rows in another order. What is left goes the next time.
        }
    }

    private Task<bool> AddOnceAsync(IReadOnlyCollection<KeyUsage> usages, CancellationToken cancellationToken) => database.AskAsync(
        async context =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);

            // In one order everywhere, so that two nodes do not wait for each other.
            var ordered = usages.OrderBy(usage => usage.KeyId, StringComparer.Ordinal).ThenBy(usage => usage.Period.Hours).ThenBy(usage => usage.Period.From);
            foreach (var some in ordered.Chunk(RowsAtOnce))
                await context.Database.ExecuteSqlRawAsync(TextFor(some.Length), some.SelectMany(ValuesOf), cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return true;
        },
        cancellationToken);

    private static string TextFor(int rows)
    {
        var text = new StringBuilder(Insert);
        for (var row = 0; row < rows; row++)
        {
            var places = Enumerable.Range(row * Columns, Columns).Select(place => string.Create(CultureInfo.InvariantCulture, $"{{{place}}}"));
            text.Append(row > 0 ? ", (" : "(").AppendJoin(", ", places).Append(')');
        }

        return text.Append(AddUp).ToString();
    }

    private static IEnumerable<object> ValuesOf(KeyUsage usage) =>
    [
        usage.KeyId, usage.Period.Hours, usage.Period.From.UtcDateTime,
        usage.Counts.Requests, usage.Counts.Measurements, usage.Counts.Bytes, usage.Counts.Rejected,
    ];

    private static KeyUsage ToUsage(UsageRow row) => new(
        row.KeyId,
        new UsagePeriod(row.Hours, new DateTimeOffset(row.From, TimeSpan.Zero)),
        new UsageCounts(row.Requests, row.Measurements, row.Bytes, row.Rejected));
}
