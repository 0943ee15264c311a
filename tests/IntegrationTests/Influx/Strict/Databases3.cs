using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace IotBackend.IntegrationTests.Influx.Strict;

/// <summary>
/// <c>/api/v3/configure/database</c>, and the system table that tells retentions. Source: docs.influxdata.com/influxdb3/core/api (Database) and
/// /influxdb3/core/admin/databases.
/// </summary>
internal sealed partial class Databases3(RealInflux real, int most)
{
    private const string Path = "/api/v3/configure/database";

    private static readonly SemaphoreSlim Making = new(1);

    private readonly ConcurrentDictionary<string, Database3> _byName = [];
    public Database3? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The database, made when it is not there.</summary>
    public async Task<Database3> EnsureAsync(string name)
    {
        if (!Name().IsMatch(name))
        {
            throw Refuse(
                400,
                char.IsAsciiLetterOrDigit(name[0])
                    ? "invalid character in database name: must be ASCII, containing only letters, numbers, underscores, or hyphens"
                    : "db name did not start with a number or letter");
        }

        await Making.WaitAsync();
        try
        {
            if (_byName.TryGetValue(name, out var database))
                return database;
            if (_byName.Count == most)
                throw Refuse(422, $"Adding a new database would exceed limit of {most} databases");
            var place = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
            await real.ExecuteAsync($"CREATE DATABASE \"{place}\" WITH DURATION INF REPLICATION 1 NAME \"autogen\"");
            return _byName[name] = new Database3(name, place);
        }
        finally
        {
            Making.Release();
        }
    }

    public async Task<Answer> AnswerAsync(StrictRequest request)
    {
        switch (request.Route)
        {
            case $"GET {Path}":
                request.Allow("format", "show_deleted");
                if (request.Require("format") != "json")
                    throw new DeviationException("the list of databases is read as json here");
                return Answer.Json(200, new JsonArray([.. Names().Select(name => new JsonObject { ["iox::database"] = name })]));
            case $"POST {Path}":
                return await CreateAsync(request);
            case $"PUT {Path}":
                return await ChangeAsync(request);
            case $"DELETE {Path}":
                return await DeleteAsync(request);
            default:
                throw new DeviationException($"{request.Route} does not exist");
        }
    }

    /// <summary>What <c>system.databases</c> tells; a value that is null is left out, as in all JSON of 3.x.</summary>
    public JsonArray Rows()
    {
        var rows = new JsonArray(new JsonObject { ["database_name"] = "_internal", ["retention_period_ns"] = 604_800_000_000_000, ["deleted"] = false });
        foreach (var database in _byName.Values)
        {
            var row = new JsonObject { ["database_name"] = database.Name, ["deleted"] = false };
            if (database.Retention is { } retention)
                row["retention_period_ns"] = retention.Ticks * TimeSpan.NanosecondsPerTick;
            rows.Add(row);
        }

        return rows;
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9_-]*$")]
    private static partial Regex Name();

    [GeneratedRegex("^([0-9]+)(h|d|w)$")]
    private static partial Regex Period();

    private IEnumerable<string> Names() => _byName.Keys.Append("_internal").Order(StringComparer.Ordinal);

    private async Task<Answer> CreateAsync(StrictRequest request)
    {
        request.Allow();
        var body = await request.ReadJsonAsync("db", "retention_period");
        var (name, retention) = (body["db"]!.GetValue<string>(), ReadPeriod(body));
        if (_byName.ContainsKey(name))
            return Answer.Text(409, "attempted to create a resource that already exists");
        (await EnsureAsync(name)).Retention = retention;
        return new Answer(200);
    }

    private async Task<Answer> ChangeAsync(StrictRequest request)
    {
        request.Allow();
        var body = await request.ReadJsonAsync("db", "retention_period");
        Require(body["db"]!.GetValue<string>()).Retention = ReadPeriod(body);
        return new Answer(200);
    }

    private async Task<Answer> DeleteAsync(StrictRequest request)
    {
        request.Allow("db", "hard_delete_at");
        if (request["hard_delete_at"] is not (null or "now" or "never" or "default"))
            throw new DeviationException($"'{request["hard_delete_at"]}' is no time to delete at");
        if (request.Require("db") == "_internal")
            return Answer.Text(500, "cannot delete internal db");
        var database = Require(request.Require("db"));
        await real.ExecuteAsync($"DROP DATABASE \"{database.Place}\"");
        _byName.TryRemove(database.Name, out _);
        return new Answer(200);
    }

    private Database3 Require(string name) =>
        Find(name) ?? throw new RefusedException(Answer.Text(404, $"the requested resource was not found: {name}"));

    private static TimeSpan? ReadPeriod(JsonObject body)
    {
        if (body["retention_period"] is not { } period)
            return null;
        if (Period().Match(period.GetValue<string>()) is not { Success: true } match)
            throw new RefusedException(Answer.Text(400, $"serde json error: invalid value: string \"{period}\", expected a duration"));
        var count = long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        return TimeSpan.FromHours(count * match.Groups[2].Value switch { "w" => 168, "d" => 24, _ => 1 });
    }

    private static RefusedException Refuse(int status, string error) => new(Answer.Json(status, new JsonObject { ["error"] = error }));
}
