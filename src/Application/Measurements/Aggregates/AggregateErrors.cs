using IotBackend.Domain.Measurements;
using IotBackend.Domain.Measurements.Aggregates;
using IotBackend.Domain.Results;

namespace IotBackend.Application.Measurements.Aggregates;

/// <summary>Why values can not be aggregated, whichever store they lie in.</summary>
public static class AggregateErrors
{
    /// <summary>
    /// Refuses a named field that is a boolean or a text under every name that it is asked under, and a question that is about no number at all. What
    /// nobody has written is no fault: it is only not there.
    /// </summary>
    /// <param name="filter">What is asked for.</param>
    /// <param name="known">The fields that there are under the names asked for: in the bucket, or of what is asked for alone, by what the store can tell.</param>
    public static Error? CheckTypes(MeasurementFilter filter, IEnumerable<(string Field, FieldType Type)> known)
    {
        var types = known.Distinct().ToLookup(field => field.Field, field => field.Type, StringComparer.Ordinal);
        if (filter.Fields.Count > 0)
            return filter.Fields.FirstOrDefault(field => IsNoNumber(types[field])) is { } wrong ? NeedsNumbers($"The field '{wrong}' is no number.", wrong) : null;
        return IsNoNumber(types.SelectMany(field => field)) ? NeedsNumbers("None of the fields is a number.", null) : null;
    }

    /// <param name="query">What was asked for.</param>
    /// <param name="series">Series of the answer, as far as is known.</param>
    public static Error TooLarge(AggregateQuery query, long series)
    {
        var fitting = query.Windows.Length == 0 ? null : FittingWindow.Find(query.Windows.Range, series, query.MaxPoints);
        var details = new Dictionary<string, object> { ["limit"] = query.MaxPoints };
        if (fitting is { } window)
            details.Add("window", window.ToString());
        var remedy = fitting is null ? "ask for fewer devices or fields" : $"window={fitting} fits";
        return new Error(ErrorKind.Invalid, ErrorCodes.ResultTooLarge, $"The answer would have more than {query.MaxPoints} points; {remedy}.") { Details = details };
    }

    /// <summary>Too many values would have to be held.</summary>
    public static Error TooManyValues(AggregateQuery query) => new(
        ErrorKind.Invalid,
        ErrorCodes.ResultTooLarge,
        $"A median or a percentile needs all values of a window at once, and here that is more than {query.MaxHeldValues}; ask for a shorter window, or for fewer fields.")
    {
        Details = new Dictionary<string, object> { ["limit"] = query.MaxHeldValues },
    };

    private static bool IsNoNumber(IEnumerable<FieldType> types) => types.Any() && !types.Contains(FieldType.Number);

    private static Error NeedsNumbers(string what, string? field) =>
        new(ErrorKind.Invalid, ErrorCodes.AggregateNeedsNumbers, $"{what} Aggregates are made of numbers only.")
        {
            Details = field is null ? new Dictionary<string, object>() : new Dictionary<string, object> { ["field"] = field },
        };
}
