using System.Text.Json.Nodes;

namespace IotBackend.IntegrationTests.Influx.Strict;

/// <summary>
/// InfluxDB 2.x. Sources: docs.influxdata.com/influxdb/v2/api (write, query, buckets, organizations, DBRPs, metrics, ping, health) and the
/// pages that it links; status codes of errors from "InfluxDB v2 API, response codes".
/// </summary>
internal sealed class StrictInflux2 : StrictServer
{
    public const string Version = "v2.7.11";
    public const string Token = "a-token-of-2.x==";
    public const string Organization = "greenhouses & fields";

    private readonly Buckets2 _buckets;

    /// <param name="real">The server that it stores in.</param>
    /// <param name="mapsByItself">Whether a bucket can be queried by its name at once, as in later 2.x; earlier ones want a mapping first.</param>
    public StrictInflux2(Uri real, bool mapsByItself = true)
        : base(real) => _buckets = new Buckets2(Real, mapsByItself);

    protected override async Task<Answer> AnswerAsync(StrictRequest request)
    {
        if (request.Path is "/ping" or "/health" or "/metrics")
            return await AnswerAnyoneAsync(request);
        if (request.Header("Authorization") != $"Token {Token}")
            return Error(401, "unauthorized", "unauthorized access");
        return request.Path switch
        {
            "/api/v2/write" => await new Write2(Real, _buckets).AnswerAsync(request),
            "/query" => await new Query2(Real, _buckets).AnswerAsync(request),
            "/api/v2/orgs" => FindOrganization(request),
            "/api/v2/dbrps" => await _buckets.AnswerMappingsAsync(request),
            _ when request.Path.StartsWith("/api/v2/buckets", StringComparison.Ordinal) => await _buckets.AnswerAsync(request),
            _ => throw new DeviationException($"{request.Route} does not exist"),
        };
    }

    protected override Answer Misunderstood(string why) => Error(400, "invalid", why);

    /// <summary>An error as every path of 2.x tells it.</summary>
    public static Answer Error(int status, string code, string message) =>
        Answer.Json(status, new JsonObject { ["code"] = code, ["message"] = message }) with
        {
            ContentType = "application/json; charset=utf-8",
            Headers = new Dictionary<string, string> { ["X-Platform-Error-Code"] = code },
        };

    /// <summary>The organisation, by the parameter <c>org</c> or <c>orgID</c>.</summary>
    public static void CheckOrganization(StrictRequest request)
    {
        var isKnown = request["orgID"] is { } id ? id == Buckets2.OrganizationId : request["org"] == Organization;
        if (!isKnown)
            throw new RefusedException(Error(404, "not found", $"organization name \"{request["org"]}\" not found"));
    }

    private async Task<Answer> AnswerAnyoneAsync(StrictRequest request)
    {
        request.Allow();
        if (request.Method != "GET")
            throw new DeviationException($"{request.Route} does not exist");
        return request.Path switch
        {
            "/ping" => Answer.NoContent with
            {
                Headers = new Dictionary<string, string> { ["X-Influxdb-Build"] = "OSS", ["X-Influxdb-Version"] = Version },
            },
            "/health" => Answer.Json(200, new JsonObject
            {
                ["name"] = "influxdb",
                ["message"] = "ready for queries and writes",
                ["status"] = "pass",
                ["checks"] = new JsonArray(),
                ["version"] = Version,
                ["commit"] = "fbf5d4ab5e",
            }),
            _ => Answer.Text(200, await _buckets.MetricsAsync()),
        };
    }

    private static Answer FindOrganization(StrictRequest request)
    {
        request.Allow("org", "limit", "offset");
        if (request.Method != "GET")
            throw new DeviationException($"{request.Route} does not exist");
        CheckOrganization(request);
        var found = new JsonObject { ["id"] = Buckets2.OrganizationId, ["name"] = Organization };
        return Answer.Json(200, new JsonObject { ["links"] = new JsonObject { ["self"] = "/api/v2/orgs" }, ["orgs"] = new JsonArray(found) });
    }
}
