using System.Text.Json.Nodes;

namespace IotBackend.IntegrationTests.Influx.Strict;

/// <summary>
/// <c>/query</c> of 3.x. Sources: docs.influxdata.com/influxdb3/core/api (Query data) and /influxdb3/core/reference/influxql, "Feature
/// support" and "SHOW".
/// </summary>
internal sealed class Query3(RealInflux real, Databases3 databases)
{
    private static readonly string[][] Supported =
        [["SELECT"], ["SHOW", "MEASUREMENTS"], ["SHOW", "TAG", "KEYS"], ["SHOW", "TAG", "VALUES"], ["SHOW", "FIELD", "KEYS"]];

    public async Task<Answer> AnswerAsync(StrictRequest request)
    {
        if (request.Method is not ("GET" or "POST"))
            throw new DeviationException($"{request.Route} does not exist");
        if (request.Header("Accept") is not (null or "application/json" or "*/*"))
            return Error(400, $"invalid mime type ({request.Header("Accept")})");
        await request.ReadFormAsync();
        request.Allow("db", "q", "epoch", "chunked", "chunk_size", "pretty");
        Check(Statement.Read(request.Require("q")));
        if (databases.Find(request.Require("db")) is not { } database)
            return Error(404, $"query error: database not found: {request["db"]}");
        var answer = await real.QueryAsync(request["q"]!, [KeyValuePair.Create("db", database.Place), .. StrictQuery.Forwarded(request)]);
        return Translate(answer, isChunked: request["chunked"] == "true");
    }

    private static void Check(IReadOnlyList<Statement> statements)
    {
        if (statements.Count != 1)
            throw new DeviationException("3.x takes one statement of InfluxQL at a time");
        var statement = statements[0];
        if (!Supported.Any(words => statement.Begins(words)))
            throw new DeviationException($"InfluxQL of 3.x does not have: {statement.Text}");
        if (new[] { "INTO", "SLIMIT", "SOFFSET", "CARDINALITY" }.FirstOrDefault(statement.Has) is { } word)
            throw new DeviationException($"InfluxQL of 3.x does not have {word}");
        if (statement.HasParameter)
            throw new DeviationException("/query of 3.x binds no parameters");
        if (statement.Begins("SHOW", "FIELD", "KEYS") && statement.Has("WHERE"))
            throw new DeviationException("SHOW FIELD KEYS of 3.x has no WHERE");
        if (statement.Begins("SHOW", "TAG", "VALUES") && !statement.Has("time"))
            throw new DeviationException("SHOW TAG VALUES of 3.x looks at the last day alone, unless it is told a time");
    }

    // 3.x tells failures by status, ends each document with CR LF, has series of one answer in no certain order, and calls nothing partial.
    private static Answer Translate(Answer answer, bool isChunked)
    {
        var documents = answer.Body.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject()).ToList();
        foreach (var document in documents)
        {
            var results = document["results"]?.AsArray() ?? [];
            if ((document["error"] ?? results.Select(result => result!["error"]).FirstOrDefault(error => error is not null)) is { } error)
                return Error(400, $"error in InfluxQL statement: {error}");
            foreach (var result in results.Select(result => result!.AsObject()))
                Rearrange(result, isChunked);
        }

        return new Answer(200, string.Concat(documents.Select(document => document.ToJsonString() + "\r\n")));
    }

    private static void Rearrange(JsonObject result, bool isChunked)
    {
        result.Remove("partial");
        if (result["series"] is not JsonArray series)
            return;
        foreach (var one in series)
            one!.AsObject().Remove("partial");
        if (isChunked)
            return;
        var reversed = series.Reverse().ToArray();
        series.Clear();
        foreach (var one in reversed)
            series.Add(one);
    }

    private static Answer Error(int status, string error) => Answer.Json(status, new JsonObject { ["error"] = error });
}
