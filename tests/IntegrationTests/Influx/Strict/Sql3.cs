namespace IotBackend.IntegrationTests.Influx.Strict;

/// <summary>
/// <c>/api/v3/query_sql</c>, of which one question alone is known here: which databases there are. Source:
/// docs.influxdata.com/influxdb3/core/admin/query-system-data.
/// </summary>
internal sealed class Sql3(Databases3 databases)
{
    private const string Question = "SELECT database_name, retention_period_ns FROM system.databases WHERE deleted = false";

    public async Task<Answer> AnswerAsync(StrictRequest request)
    {
        if (request.Method != "POST")
            throw new DeviationException($"{request.Route} is asked by POST here");
        request.Allow();
        var body = await request.ReadJsonAsync("db", "q", "format", "params");
        if (body["db"]?.GetValue<string>() != "_internal")
            return Answer.Text(500, "datafusion error: table 'system.databases' not found");
        if (body["q"]?.GetValue<string>() != Question || body["format"]?.GetValue<string>() != "json")
            throw new DeviationException($"another question than is known: {body.ToJsonString()}");
        var rows = databases.Rows();
        foreach (var row in rows)
            row!.AsObject().Remove("deleted");
        return Answer.Json(200, rows);
    }
}
