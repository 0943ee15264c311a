using System.Text.Json.Nodes;

namespace IotBackend.IntegrationTests.Influx.Strict;

/// <summary>
/// InfluxDB 3 Core, from 3.2 on. Source: docs.influxdata.com/influxdb3/core/api. Everything needs the token, <c>/ping</c> included, which a
/// HEAD does not reach.
/// </summary>
internal sealed class StrictInflux3 : StrictServer
{
    public const string Version = "3.8.3";
    public const string Token = "apiv3_a-token-of-3.x==";

    private readonly Databases3 _databases;

    /// <param name="real">The server that it stores in.</param>
    /// <param name="mostDatabases">InfluxDB 3 Core has room for five.</param>
    public StrictInflux3(Uri real, int mostDatabases = 5)
        : base(real) => _databases = new Databases3(Real, mostDatabases);

    protected override async Task<Answer> AnswerAsync(StrictRequest request)
    {
        if (request.Header("Authorization") is not ($"Bearer {Token}" or $"Token {Token}"))
            return new Answer(401);
        return request.Path switch
        {
            "/ping" => Ping(request),
            "/health" => Answer.Text(200, "OK"),
            "/api/v3/write_lp" when request.Method == "POST" => await new Write3(Real, _databases, TimeProvider.System).AnswerAsync(request),
            "/query" => await new Query3(Real, _databases).AnswerAsync(request),
            "/api/v3/query_sql" => new Sql3(_databases).Answer(request),
            _ => await _databases.AnswerAsync(request),
        };
    }

    protected override Answer Misunderstood(string why) => Answer.Text(400, why);

    private static Answer Ping(StrictRequest request)
    {
        request.Allow();
        if (request.Method is not ("GET" or "POST"))
            return Answer.Text(404, "not found");
        var body = new JsonObject { ["version"] = Version, ["revision"] = "83b589b883", ["process_id"] = "b756d9e0-cecd-4f72-b6d0-19e2d4f8cbb7" };
        return Answer.Json(200, body) with
        {
            Headers = new Dictionary<string, string> { ["X-Influxdb-Build"] = "Core", ["X-Influxdb-Version"] = Version },
        };
    }
}
