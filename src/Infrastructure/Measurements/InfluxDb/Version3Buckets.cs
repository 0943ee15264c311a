using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Serialization;
using IotBackend.Domain.Buckets;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>Buckets of 3.x: its databases, with the retention that they have since 3.2. It keeps no descriptions, and tells no sizes.</summary>
internal sealed class Version3Buckets(InfluxDbClient client, Version3Dialect dialect) : IBucketAdministration
{
    private const string Path = "api/v3/configure/database";
    private const string Databases = "SELECT database_name, retention_period_ns FROM system.databases WHERE deleted = false";
    private const long NanosecondsAnHour = 3_600_000_000_000;

    public async Task<IReadOnlyList<Bucket>> ListAsync(CancellationToken cancellationToken)
    {
        var path = $"api/v3/query_sql?db=_internal&format=json&q={Uri.EscapeDataString(Databases)}";
        var rows = JsonAnswer.Read<Row[]>(await CallAsync(HttpMethod.Get, path, null, cancellationToken));
        return [.. rows.Select(ToBucket).OfType<Bucket>()];
    }

    public async Task CreateAsync(Bucket bucket, CancellationToken cancellationToken)
    {
        RefuseDescription(bucket);
        try
        {
            await CallAsync(HttpMethod.Post, Path, BodyOf(bucket), cancellationToken);
        }
        catch (InfluxDbException exception) when (exception.Status == HttpStatusCode.UnprocessableEntity)
        {
            throw new InfluxDbException(InfluxDbFailure.NotSupported, $"This {dialect.Name} has room for no more databases.", exception);
        }
    }

    public async Task ChangeAsync(Bucket bucket, CancellationToken cancellationToken)
    {
        RefuseDescription(bucket);
        await CallAsync(HttpMethod.Put, Path, BodyOf(bucket), cancellationToken);
    }

    public async Task DeleteAsync(BucketName name, CancellationToken cancellationToken) =>
        await CallAsync(HttpMethod.Delete, $"{Path}?db={Uri.EscapeDataString(name.Value)}&hard_delete_at=now", null, cancellationToken);

    public Task<bool> OwnsAllAsync(BucketName name, CancellationToken cancellationToken) => Task.FromResult(true);

    public Task<long?> BytesAsync(BucketName name, CancellationToken cancellationToken) => Task.FromResult<long?>(null);

    private async Task<byte[]> CallAsync(HttpMethod method, string path, DatabaseRules? body, CancellationToken cancellationToken)
    {
        using var request = dialect.Request(method, path, body is null ? null : JsonContent.Create(body));
        return await client.CallAsync(request, cancellationToken);
    }

    private void RefuseDescription(Bucket bucket)
    {
        if (bucket.Description.Length > 0)
            throw new InfluxDbException(InfluxDbFailure.NotSupported, $"{dialect.Name} keeps no descriptions of buckets.");
    }

    // Without a period it keeps for ever, also where it had one before.
    private static DatabaseRules BodyOf(Bucket bucket) => new(
        bucket.Name.Value, bucket.Retention.Hours is { } hours ? string.Create(CultureInfo.InvariantCulture, $"{hours}h") : null);

    // Null for InfluxDB's own database, and for one whose name no bucket of this server can have.
    private static Bucket? ToBucket(Row row) =>
        BucketName.TryParse(row.Name, out _) is { } name ? new Bucket(name, string.Empty, ToRetention(row.Period)) : null;

    // Parts of an hour count as a whole one: rather kept for too long than for too short.
    private static Retention ToRetention(long? nanoseconds) => nanoseconds is { } period
        ? Retention.OfHours((int)Math.Clamp((period / NanosecondsAnHour) + (period % NanosecondsAnHour == 0 ? 0 : 1), Retention.MinHours, Retention.MaxHours))
        : Retention.Forever;

    private sealed record Row(
        [property: JsonPropertyName("database_name")] string Name,
        [property: JsonPropertyName("retention_period_ns")] long? Period);

    private sealed record DatabaseRules(
        [property: JsonPropertyName("db")] string Database,
        [property: JsonPropertyName("retention_period"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Retention);
}
