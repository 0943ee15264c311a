using System.Collections.Concurrent;
using IotBackend.Api.Formats;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Measurements;

namespace IotBackend.Api.Measurements;

/// <summary>
/// Queries that were answered before, by their text, so that what is asked again and again is parsed and validated once (benchmark P6). Says nothing of
/// who may ask them: that is checked each time.
/// </summary>
public sealed class KnownQueries
{
    internal const int MaxQueries = 4_000;
    internal const int MaxLength = 1_000;

    private readonly ConcurrentDictionary<string, Reading> _readings = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ReadLatest> _latest = new(StringComparer.Ordinal);

    /// <summary>True when a query of this text was answered.</summary>
    public bool Contains(string queryString) => _readings.ContainsKey(queryString) || _latest.ContainsKey(queryString);

    /// <summary>The query with its range as it is now; null when it is not known.</summary>
    internal ReadMeasurements? FindReading(string queryString, Timestamp now) =>
        _readings.TryGetValue(queryString, out var reading) ? reading.At(now) : null;

    internal ReadLatest? FindLatest(string queryString) => _latest.GetValueOrDefault(queryString);

    /// <summary>Keeps what was answered. A page that follows another is asked once.</summary>
    internal void Add(string queryString, ReadMeasurements request, IQueryCollection query)
    {
        if (request.After is not null || queryString.Length > MaxLength)
            return;
        MakeRoom(_readings);
        string Text(string parameter, string otherwise) => query.TryGetValue(parameter, out var values) ? values.ToString() : otherwise;
        _readings[queryString] = new Reading(
            request with { IsKnownValid = true }, Text("from", MeasurementParameters.DefaultFrom), Text("to", QueryTime.Now));
    }

    /// <summary>Keeps what was answered. A page that follows another is asked once.</summary>
    internal void Add(string queryString, ReadLatest request)
    {
        if (request.After is not null || queryString.Length > MaxLength)
            return;
        MakeRoom(_latest);
        _latest[queryString] = request with { IsKnownValid = true };
    }

    // Any half: what is asked again comes back at once.
    private static void MakeRoom<T>(ConcurrentDictionary<string, T> queries)
    {
        if (queries.Count < MaxQueries)
            return;
        foreach (var query in queries.Take(MaxQueries / 2))
            queries.TryRemove(query);
    }

    private sealed class Reading(ReadMeasurements request, string from, string to)
    {
        public ReadMeasurements At(Timestamp now)
        {
            if (request.IsRangeFixed || !QueryTime.TryParse(from, now, out var start) || !QueryTime.TryParse(to, now, out var end))
                return request;

            // Of a fixed and a moving end, one may have overtaken the other since.
            return request with { Range = new TimeRange(start, end), IsKnownValid = start <= end };
        }
    }
}
