using System.Text.Json.Nodes;

namespace IotBackend.IntegrationTests.Influx.Strict;

/// <summary>
/// <c>/query</c> of 2.x. Sources: docs.influxdata.com/influxdb/v2/reference/api/influxdb-1x/query and
/// /influxdb/v2/query-data/influxql, "InfluxQL support".
/// </summary>
internal sealed class Query2(RealInflux real, Buckets2 buckets)
{
    private static readonly string[][] Supported =
    [
        ["SELECT"], ["DELETE"], ["DROP", "MEASUREMENT"], ["EXPLAIN"], ["SHOW", "SERIES"], ["SHOW", "MEASUREMENTS"],
        ["SHOW", "TAG", "KEYS"], ["SHOW", "TAG", "VALUES"], ["SHOW", "FIELD", "KEYS"],
    ];

    public async Task<Answer> AnswerAsync(StrictRequest request)
    {
        if (request.Method is not ("GET" or "POST"))
            throw new DeviationException($"{request.Route} does not exist");
        await request.ReadFormAsync();
        request.Allow("db", "rp", "q", "epoch", "chunked", "chunk_size", "params", "pretty");
        var statements = Statement.Read(request.Require("q"));
        if (statements.FirstOrDefault(statement => !IsSupported(statement)) is { } other)
            throw new DeviationException($"InfluxQL of 2.x does not have: {other.Text}");
        if (buckets.FindMapped(request.Require("db")) is not { } bucket)
            return NotMapped(request.Require("db"));
        return await real.QueryAsync(request["q"]!, [KeyValuePair.Create("db", bucket.Id), .. StrictQuery.Forwarded(request)]);
    }

    private static bool IsSupported(Statement statement) =>
        Supported.Any(words => statement.Begins(words)) && !statement.Has("INTO") && !statement.Has("CARDINALITY");

    private static Answer NotMapped(string database)
    {
        var failed = new JsonObject { ["statement_id"] = 0, ["error"] = $"database not found: {database}" };
        return Answer.Json(200, new JsonObject { ["results"] = new JsonArray(failed) });
    }
}
