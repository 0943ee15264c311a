namespace IotBackend.IntegrationTests.Influx.Strict;

/// <summary>
/// <c>/api/v3/query_sql</c>, of which one question alone is known here: which databases there are. Source:
/// docs.influxdata.com/influxdb3/core/admin/query-system-data.
/// </summary>
internal sealed class Sql3(Databases3 databases)
{
    private const string Question = "SELECT database_name, retention_period_ns FROM system.databases WHERE deleted = false";

    public Answer Answer(StrictRequest request)
    {
        if (request.Method != "GET")
            throw new DeviationException($"{request.Route} is asked by GET here");
        request.Allow("db", "q", "format");
        if (request.Require("q") != Question || request.Require("format") != "json")
            throw new DeviationException($"another question than is known: {request["q"]}");
        if (request.Require("db") != "_internal")
            return Strict.Answer.Text(500, "datafusion error: table 'system.databases' not found");
        var rows = databases.Rows();
        foreach (var row in rows)
            row!.AsObject().Remove("deleted");
        return Strict.Answer.Json(200, rows);
    }
}
