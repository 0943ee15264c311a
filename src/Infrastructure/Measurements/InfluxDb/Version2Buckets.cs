using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using IotBackend.Domain.Buckets;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>
/// Buckets of 2.x. InfluxQL knows a bucket as a database, for which earlier 2.x wants a mapping; later ones have it by themselves, but not for
/// a name with a slash.
/// </summary>
internal sealed class Version2Buckets(InfluxDbClient client, Version2Dialect dialect) : IBucketAdministration
{
    private const string SizeMetric = "storage_shard_disk_size{";
    private const int MostAPage = 100;
    private const int SecondsAnHour = 3_600;

    public async Task<IReadOnlyList<Bucket>> ListAsync(CancellationToken cancellationToken)
    {
        var stored = await ListStoredAsync(cancellationToken);
        if (stored.Count > 0)
            await MapAsync(stored, cancellationToken);
        return [.. stored.Select(each => each.Bucket)];
    }

    public async Task CreateAsync(Bucket bucket, CancellationToken cancellationToken)
    {
        var organization = await FindOrganizationAsync(cancellationToken);
        var body = new { orgID = organization, name = bucket.Name.Value, description = bucket.Description, retentionRules = Rules(bucket.Retention) };
        var made = JsonAnswer.Read<StoredBucket>(await CallAsync(HttpMethod.Post, "api/v2/buckets", body, cancellationToken));
        await MapAsync([new Owned(made.Id, organization, bucket)], cancellationToken);
    }

    public async Task ChangeAsync(Bucket bucket, CancellationToken cancellationToken)
    {
        var body = new { description = bucket.Description, retentionRules = Rules(bucket.Retention) };
        await CallAsync(HttpMethod.Patch, $"api/v2/buckets/{await FindAsync(bucket.Name, cancellationToken)}", body, cancellationToken);
    }

    public async Task DeleteAsync(BucketName name, CancellationToken cancellationToken) =>
        await CallAsync(HttpMethod.Delete, $"api/v2/buckets/{await FindAsync(name, cancellationToken)}", null, cancellationToken);

    public Task<bool> OwnsAllAsync(BucketName name, CancellationToken cancellationToken) => Task.FromResult(true);

    public async Task<long?> BytesAsync(BucketName name, CancellationToken cancellationToken)
    {
        var own = $"{SizeMetric}bucket=\"{await FindAsync(name, cancellationToken)}\"";
        var sizes = await ReadSizesAsync(cancellationToken);
        return sizes.Length == 0
            ? null
            : (long)sizes.Where(line => line.StartsWith(own, StringComparison.Ordinal))
                .Sum(line => double.Parse(line.AsSpan(line.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture));
    }

    // Empty when the server was told to tell no metrics, whether it answers with an error then or with a page for people.
    private async Task<string[]> ReadSizesAsync(CancellationToken cancellationToken)
    {
        try
        {
            var metrics = Encoding.UTF8.GetString(await CallAsync(HttpMethod.Get, "metrics", null, cancellationToken));
            return [.. metrics.Split('\n').Where(line => line.StartsWith(SizeMetric, StringComparison.Ordinal))];
        }
        catch (InfluxDbException exception) when (exception.Status is { } status && status < HttpStatusCode.InternalServerError)
        {
            return [];
        }
    }

    private async Task<List<Owned>> ListStoredAsync(CancellationToken cancellationToken)
    {
        var stored = new List<Owned>();
        for (var offset = 0; ; offset += MostAPage)
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"api/v2/buckets?{dialect.Organization}&limit={MostAPage}&offset={offset}");
            var page = JsonAnswer.Read<BucketPage>(await CallAsync(HttpMethod.Get, path, null, cancellationToken)).Buckets;
            stored.AddRange(page.Select(bucket => bucket.ToOwned()).OfType<Owned>());
            if (page.Length < MostAPage)
                return stored;
        }
    }

    // Where there is none: a bucket's own name leads to it.
    private async Task MapAsync(IReadOnlyList<Owned> buckets, CancellationToken cancellationToken)
    {
        var mappings = JsonAnswer.Read<MappingPage>(await CallAsync(HttpMethod.Get, $"api/v2/dbrps?{dialect.Organization}", null, cancellationToken));
        var mapped = mappings.Content.Where(mapping => mapping.Default).Select(mapping => mapping.Database).ToHashSet(StringComparer.Ordinal);
        foreach (var (id, organization, bucket) in buckets.Where(each => !mapped.Contains(each.Bucket.Name.Value)))
        {
            var body = new { orgID = organization, bucketID = id, database = bucket.Name.Value, retention_policy = "autogen", @default = true };
            await CallAsync(HttpMethod.Post, "api/v2/dbrps", body, cancellationToken);
        }
    }

    private async Task<string> FindAsync(BucketName name, CancellationToken cancellationToken)
    {
        var path = $"api/v2/buckets?{dialect.Organization}&name={Uri.EscapeDataString(name.Value)}";
        var page = JsonAnswer.Read<BucketPage>(await CallAsync(HttpMethod.Get, path, null, cancellationToken));
        return page.Buckets.FirstOrDefault()?.Id ?? throw new InfluxDbException(InfluxDbFailure.BucketNotFound, "It is gone.");
    }

    private async Task<string> FindOrganizationAsync(CancellationToken cancellationToken)
    {
        var page = JsonAnswer.Read<OrganizationPage>(await CallAsync(HttpMethod.Get, $"api/v2/orgs?{dialect.Organization}", null, cancellationToken));
        return page.Orgs.FirstOrDefault()?.Id ?? throw new InfluxDbException(InfluxDbFailure.Refused, "There is no such organisation.");
    }

    private async Task<byte[]> CallAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using var request = dialect.Request(method, path, body is null ? null : JsonContent.Create(body));
        return await client.CallAsync(request, cancellationToken);
    }

    // 0 is for ever; no rule at all would change nothing.
    private static object[] Rules(Retention retention) => [new { type = "expire", everySeconds = (long)(retention.Hours ?? 0) * SecondsAnHour }];

    private sealed record BucketPage(StoredBucket[] Buckets);

    private sealed record StoredBucket(string Id, string OrgId, string? Type, string Name, string? Description, RetentionRule[]? RetentionRules)
    {
        // Null for a bucket of InfluxDB's own, and for one whose name no bucket of this server can have.
        public Owned? ToOwned() => Type == "system" || BucketName.TryParse(Name, out _) is not { } name
            ? null
            : new Owned(Id, OrgId, new Bucket(name, Description ?? string.Empty, ToRetention(RetentionRules?.FirstOrDefault()?.EverySeconds ?? 0)));

        // Parts of an hour count as a whole one: rather kept for too long than for too short.
        private static Retention ToRetention(long seconds) => seconds == 0
            ? Retention.Forever
            : Retention.OfHours((int)Math.Clamp((seconds + SecondsAnHour - 1) / SecondsAnHour, Retention.MinHours, Retention.MaxHours));
    }

    private sealed record RetentionRule(long EverySeconds);

    private sealed record Owned(string Id, string Organization, Bucket Bucket);

    private sealed record MappingPage(Mapping[] Content);

    private sealed record Mapping(string Database, bool Default);

    private sealed record OrganizationPage(StoredOrganization[] Orgs);

    private sealed record StoredOrganization(string Id);
}
