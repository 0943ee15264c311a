using System.Text.Json;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>The series that one or several statements answered with. Dispose it when it has been read.</summary>
internal sealed class QueryAnswer : IDisposable
{
    private readonly JsonDocument _document;

    private QueryAnswer(JsonDocument document, IReadOnlyList<AnswerSeries> series) => (_document, Series) = (document, series);

    public IReadOnlyList<AnswerSeries> Series { get; }

    /// <exception cref="InfluxDbException">A statement failed, or this is no answer of InfluxDB.</exception>
    public static QueryAnswer Parse(ReadOnlyMemory<byte> json)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json);
        }
        catch (JsonException exception)
        {
            // Cut off on the way: as good as no answer.
            throw new InfluxDbException(InfluxDbFailure.Unavailable, "The answer is not whole.", exception);
        }

        try
        {
            return new QueryAnswer(document, [.. ReadSeries(document.RootElement)]);
        }
        catch (Exception exception) when (exception is InvalidOperationException or KeyNotFoundException)
        {
            document.Dispose();
            throw new InfluxDbException(InfluxDbFailure.Unavailable, "The answer is not what InfluxDB answers.", exception);
        }
        catch
        {
            document.Dispose();
            throw;
        }
    }

    public void Dispose() => _document.Dispose();

    private static IEnumerable<AnswerSeries> ReadSeries(JsonElement root)
    {
        ThrowIfFailed(root);
        if (!root.TryGetProperty("results", out var results))
            yield break;
        foreach (var result in results.EnumerateArray())
        {
            ThrowIfFailed(result);
            if (!result.TryGetProperty("series", out var series))
                continue;
            var statement = result.TryGetProperty("statement_id", out var id) ? id.GetInt32() : 0;
            foreach (var one in series.EnumerateArray())
                yield return new AnswerSeries(one, statement);
        }
    }

    private static void ThrowIfFailed(JsonElement element)
    {
        if (element.TryGetProperty("error", out var error))
            throw new InfluxDbException(Classify(error.ToString()), error.ToString());
    }

    // InfluxDB tells by words alone.
    private static InfluxDbFailure Classify(string error)
    {
        if (error.Contains("database not found", StringComparison.OrdinalIgnoreCase))
            return InfluxDbFailure.BucketNotFound;
        return error.Contains("timeout", StringComparison.OrdinalIgnoreCase) ? InfluxDbFailure.Timeout : InfluxDbFailure.Refused;
    }
}
