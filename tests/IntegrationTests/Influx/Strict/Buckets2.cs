using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace IotBackend.IntegrationTests.Influx.Strict;

/// <summary><c>/api/v2/buckets</c>, <c>/api/v2/dbrps</c> and what <c>/metrics</c> tells of them. A bucket is a database of the real server, called by its id.</summary>
internal sealed class Buckets2(RealInflux real, bool mapsByItself)
{
    public const string OrganizationId = "00000000000000aa";

    private const int MostAPage = 100;

    private readonly ConcurrentDictionary<string, Bucket2> _byId = new(
        new[] { new Bucket2("0000000000000001", "_monitoring", string.Empty, 604_800), new Bucket2("0000000000000002", "_tasks", string.Empty, 259_200) }
            .ToDictionary(bucket => bucket.Id));

    private readonly ConcurrentDictionary<string, string> _mapped = [];

    /// <summary>By its name or its id.</summary>
    public Bucket2 Require(string bucket) => _byId.Values.FirstOrDefault(one => one.Name == bucket || one.Id == bucket)
        ?? throw new RefusedException(StrictInflux2.Error(404, "not found", $"bucket \"{bucket}\" not found"));

    /// <summary>What InfluxQL finds under this name of a database; by itself a name with a slash is taken for database and retention policy.</summary>
    public Bucket2? FindMapped(string database) => _byId.Values.FirstOrDefault(bucket => bucket.Name == database && IsMapped(bucket));

    public Task<Answer> AnswerAsync(StrictRequest request) => (request.Method, request.Path.Count(letter => letter == '/')) switch
    {
        ("GET", 3) => Task.FromResult(List(request)),
        ("POST", 3) => CreateAsync(request),
        ("PATCH", 4) => ChangeAsync(request),
        ("DELETE", 4) => DeleteAsync(request),
        _ => throw new DeviationException($"{request.Route} does not exist"),
    };

    public async Task<Answer> AnswerMappingsAsync(StrictRequest request)
    {
        if (request.Method == "GET")
            return ListMappings(request);
        request.Allow();
        var body = await request.ReadJsonAsync("orgID", "bucketID", "database", "retention_policy", "default");
        var (id, database) = (Text(body, "bucketID"), Text(body, "database"));
        CheckOwner(body);
        if (!_byId.TryGetValue(id, out var bucket) || bucket.Name != database)
            throw new DeviationException("a mapping here leads a bucket's own name to it");
        if (Text(body, "retention_policy").Length == 0 || body["default"]?.GetValue<bool>() != true)
            throw new DeviationException("a mapping without a retention policy that is the default can not be queried by the database alone");
        _mapped[database] = id;
        return Answer.Json(201, Mapping(bucket, isVirtual: false));
    }

    /// <summary>What the shards of each bucket take on the real server's disk.</summary>
    public async Task<string> MetricsAsync()
    {
        var metrics = new StringBuilder("# HELP storage_shard_disk_size Gauge of the disk size for the shard\n# TYPE storage_shard_disk_size gauge\n");
        foreach (var shard in await real.ExecuteAsync("SHOW STATS FOR 'shard'"))
        {
            var (tags, columns) = (shard["tags"]!, shard["columns"]!.AsArray().Select(column => column!.GetValue<string>()).ToList());
            var bytes = shard["values"]![0]![columns.IndexOf("diskBytes")]!.GetValue<double>();
            metrics.Append(
                CultureInfo.InvariantCulture,
                $"storage_shard_disk_size{{bucket=\"{tags["database"]}\",engine=\"tsm1\",id=\"{tags["id"]}\",path=\"/var/lib/influxdb\"}} {bytes:R}\n");
        }

        return metrics.ToString();
    }

    private Answer List(StrictRequest request)
    {
        request.Allow("org", "orgID", "name", "limit", "offset");
        StrictInflux2.CheckOrganization(request);
        if (request["name"] is { } name)
            return Page([Require(name)]);
        var limit = int.Parse(request["limit"] ?? "20", CultureInfo.InvariantCulture);
        if (limit is < 1 or > MostAPage)
            return StrictInflux2.Error(422, "unprocessable entity", $"limit must be between 1 and {MostAPage}");
        var offset = int.Parse(request["offset"] ?? "0", CultureInfo.InvariantCulture);
        return Page(_byId.Values.OrderBy(bucket => bucket.Id, StringComparer.Ordinal).Skip(offset).Take(limit));
    }

    private async Task<Answer> CreateAsync(StrictRequest request)
    {
        request.Allow();
        var body = await request.ReadJsonAsync("orgID", "name", "description", "retentionRules");
        CheckOwner(body);
        var name = Text(body, "name");
        if (name.StartsWith('_'))
            return StrictInflux2.Error(400, "invalid", $"bucket name {name} is invalid. Buckets may not start with underscore");
        if (name.Length == 0 || name.Contains('"', StringComparison.Ordinal))
            return StrictInflux2.Error(400, "invalid", $"bucket name {name} is invalid. Bucket names may not include quotation marks");
        if (_byId.Values.Any(other => other.Name == name))
            return StrictInflux2.Error(422, "conflict", $"bucket with name {name} already exists");
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        var bucket = new Bucket2(id, name, Text(body, "description"), ReadRetention(body) ?? 0);
        await real.ExecuteAsync($"CREATE DATABASE \"{id}\" WITH DURATION {Duration(bucket)} REPLICATION 1 NAME \"autogen\"");
        _byId[id] = bucket;
        return Answer.Json(201, bucket.ToJson());
    }

    private async Task<Answer> ChangeAsync(StrictRequest request)
    {
        request.Allow();
        var bucket = OfPath(request);
        var body = await request.ReadJsonAsync("description", "retentionRules");
        var changed = bucket with
        {
            Description = body.ContainsKey("description") ? Text(body, "description") : bucket.Description,
            EverySeconds = ReadRetention(body) ?? bucket.EverySeconds,
        };
        await real.ExecuteAsync($"ALTER RETENTION POLICY \"autogen\" ON \"{bucket.Id}\" DURATION {Duration(changed)} SHARD DURATION 1h");
        _byId[bucket.Id] = changed;
        return Answer.Json(200, changed.ToJson());
    }

    private async Task<Answer> DeleteAsync(StrictRequest request)
    {
        request.Allow();
        var bucket = OfPath(request);
        if (bucket.Name.StartsWith('_'))
            return StrictInflux2.Error(400, "invalid", "system buckets cannot be deleted");
        await real.ExecuteAsync($"DROP DATABASE \"{bucket.Id}\"");
        _byId.TryRemove(bucket.Id, out _);
        _mapped.TryRemove(bucket.Name, out _);
        return Answer.NoContent;
    }

    private Answer ListMappings(StrictRequest request)
    {
        request.Allow("org", "orgID", "db", "rp", "bucketID", "default");
        StrictInflux2.CheckOrganization(request);
        var found = _byId.Values.Where(bucket => IsMapped(bucket) && (request["db"] is not { } database || bucket.Name == database));
        var content = new JsonArray([.. found.Select(bucket => Mapping(bucket, !_mapped.ContainsKey(bucket.Name)))]);
        return Answer.Json(200, new JsonObject { ["content"] = content });
    }

    private bool IsMapped(Bucket2 bucket) =>
        _mapped.ContainsKey(bucket.Name) || (mapsByItself && !bucket.Name.Contains('/', StringComparison.Ordinal));

    private Bucket2 OfPath(StrictRequest request) => _byId.GetValueOrDefault(request.Path[(request.Path.LastIndexOf('/') + 1)..])
        ?? throw new RefusedException(StrictInflux2.Error(404, "not found", "bucket not found"));

    private static Answer Page(IEnumerable<Bucket2> buckets) => Answer.Json(200, new JsonObject
    {
        ["links"] = new JsonObject { ["self"] = "/api/v2/buckets" },
        ["buckets"] = new JsonArray([.. buckets.Select(bucket => bucket.ToJson())]),
    });

    private static JsonObject Mapping(Bucket2 bucket, bool isVirtual) => new()
    {
        ["id"] = bucket.Id,
        ["database"] = bucket.Name,
        ["retention_policy"] = "autogen",
        ["default"] = true,
        ["orgID"] = OrganizationId,
        ["bucketID"] = bucket.Id,
        ["virtual"] = isVirtual,
    };

    private static void CheckOwner(JsonObject body)
    {
        if (Text(body, "orgID") != OrganizationId)
            throw new RefusedException(StrictInflux2.Error(400, "invalid", "organization id must be provided"));
    }

    // Null when the body leaves it as it is: an empty list changes nothing.
    private static long? ReadRetention(JsonObject body)
    {
        if (body["retentionRules"] is not JsonArray { Count: > 0 } rules)
            return null;
        if (rules.Count > 1)
            throw new RefusedException(StrictInflux2.Error(422, "unprocessable entity", "buckets cannot have more than one retention rule at this time"));
        if (rules[0]?["type"]?.GetValue<string>() != "expire")
            throw new DeviationException("a retention rule is of the type 'expire'");
        var seconds = rules[0]!["everySeconds"]!.GetValue<long>();
        if (seconds is > 0 and < 3_600)
            throw new RefusedException(StrictInflux2.Error(500, "internal error", "retention policy duration must be at least 1h0m0s"));
        return seconds;
    }

    private static string Duration(Bucket2 bucket) => bucket.EverySeconds == 0 ? "INF" : string.Create(CultureInfo.InvariantCulture, $"{bucket.EverySeconds}s");

    private static string Text(JsonObject body, string member) => body[member]?.GetValue<string>() ?? string.Empty;
}
