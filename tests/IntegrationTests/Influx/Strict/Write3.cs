using System.Text;
using System.Text.Json.Nodes;

namespace IotBackend.IntegrationTests.Influx.Strict;

/// <summary>
/// <c>POST /api/v3/write_lp</c>. Source: docs.influxdata.com/influxdb3/core/write-data/http-api/v3-write-lp. What is older than the database's
/// retention is taken and never seen, so it is not stored here at all.
/// </summary>
internal sealed class Write3(RealInflux real, Databases3 databases, TimeProvider time)
{
    private const int MostBytes = 10 << 20;
    private const int EchoLength = 20;

    public async Task<Answer> AnswerAsync(StrictRequest request)
    {
        request.Allow("db", "precision", "accept_partial", "no_sync");
        if (request["precision"] is not "nanosecond")
            throw new DeviationException("the precision is not 'nanosecond', the one word for it that every 3.x knows");
        if (request["accept_partial"] is not (null or "true") || request["no_sync"] is not (null or "false"))
            throw new DeviationException("lines are to be taken one by one here, and to be durable");
        var body = await request.ReadLinesAsync();
        if (Encoding.UTF8.GetByteCount(body) > MostBytes)
            return Answer.Text(413, $"max request size ({MostBytes} bytes) exceeded");
        var database = await databases.EnsureAsync(request.Require("db"));
        return await StoreAsync(database, StrictLineReader.Split(body));
    }

    private async Task<Answer> StoreAsync(Database3 database, IReadOnlyList<string> lines)
    {
        if (lines.Count == 0)
            return Answer.Text(400, "incoming write was empty");
        var refused = new JsonArray();
        var taken = new StringBuilder();
        for (var index = 0; index < lines.Count; index++)
        {
            if (Take(database, lines[index], taken) is { } why)
                refused.Add(Describe(index, lines[index], why));
        }

        if (taken.Length > 0 && await real.WriteAsync(database.Place, taken.ToString()) is { } failed)
            throw new InvalidOperationException($"The real server refuses what 3.x takes: {failed}");
        return refused.Count == 0 ? Answer.NoContent : Refuse(refused);
    }

    // Null when the line is taken.
    private string? Take(Database3 database, string text, StringBuilder taken)
    {
        try
        {
            var line = StrictLineReader.Read(text, LineGrammar.Version3);
            if (database.Take(line) is { } why)
                return why;
            if (!IsExpired(database, line))
                taken.Append(line.ToVersion1());
            return null;
        }
        catch (LineException fault)
        {
            return fault.Message;
        }
    }

    private bool IsExpired(Database3 database, StrictLine line)
    {
        if (database.Retention is not { } retention || line.Time is not { } written)
            return false;
        var oldest = time.GetUtcNow() - retention - DateTimeOffset.UnixEpoch;
        return written < (Int128)oldest.Ticks * TimeSpan.NanosecondsPerTick;
    }

    private static JsonObject Describe(int index, string line, string why) => new()
    {
        ["original_line"] = line.Length > EchoLength ? line[..EchoLength] : line,
        ["line_number"] = index + 1,
        ["error_message"] = why,
    };

    private static Answer Refuse(JsonArray lines)
    {
        var isFull = lines.Any(line => line!["error_message"]!.GetValue<string>().StartsWith("Update to schema would exceed", StringComparison.Ordinal));
        return Answer.Json(isFull ? 422 : 400, new JsonObject { ["error"] = "partial write of line protocol occurred", ["data"] = lines });
    }
}
