using System.Globalization;
using System.Text;
using IotBackend.Api.Formats;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Http;

/// <summary>Reads the parameters of a request one by one and collects what is wrong with it, so that all faults are told at once.</summary>
internal sealed class QueryParameters(IQueryCollection query)
{
    private List<Fault>? _faults;

    /// <summary>An unknown parameter is a fault: it is often a slip of the pen.</summary>
    /// <param name="known">The parameters that the address takes.</param>
    /// <param name="prefix">What further parameters may begin with; null for none.</param>
    public void RefuseUnknown(ReadOnlySpan<string> known, string? prefix = null)
    {
        foreach (var parameter in query.Keys)
        {
            if (!known.Contains(parameter) && (prefix is null || !parameter.StartsWith(prefix, StringComparison.Ordinal)))
                AddUnknown(MeasurementBatchWriter.Path(string.Empty, Encoding.UTF8.GetBytes(parameter))[1..]);
        }
    }

    /// <summary>Null when the parameter is not given; given twice, it is a fault.</summary>
    public string? Single(string parameter)
    {
        if (!query.TryGetValue(parameter, out var values) || values.Count == 0)
            return null;
        if (values.Count > 1)
            AddFault(parameter, $"'{parameter}' is given more than once.");
        return values[0] ?? string.Empty;
    }

    public string[] Values(string parameter) =>
        query.TryGetValue(parameter, out var values) ? [.. values.Select(value => value ?? string.Empty)] : [];

    /// <summary>The parameter <c>limit</c>: a whole number from 1 on.</summary>
    public int Limit(int otherwise, int most)
    {
        if (Single("limit") is not { } text)
            return otherwise;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit >= 1 && limit <= most)
            return limit;
        AddFault("limit", $"'limit' is a whole number from 1 to {most}.");
        return otherwise;
    }

    /// <summary>What the parameter <c>cursor</c> tells; null when it is not given, or not one that the previous page gave.</summary>
    public T? Cursor<T>(Func<string, T?> tryDecode)
        where T : class
    {
        if (Single("cursor") is not { } text)
            return null;
        var cursor = tryDecode(text);
        if (cursor is null)
            Add(new Fault("cursor", ErrorCodes.InvalidCursor, "'cursor' is not one that this query's previous page gave."));
        return cursor;
    }

    /// <summary>A time as queries have it; null when it is not given, or none.</summary>
    public DateTimeOffset? Time(string parameter, Timestamp now)
    {
        if (Single(parameter) is not { } text)
            return null;
        if (QueryTime.TryParse(text, now, out var time))
            return DateTimeOffset.UnixEpoch.AddTicks(time.Nanoseconds / TimeSpan.NanosecondsPerTick);
        AddFault(parameter, $"'{parameter}' is a time: RFC 3339, Unix milliseconds, now, or relative such as -24h.");
        return null;
    }

    public void AddFault(string parameter, string message) => Add(new Fault(parameter, ErrorCodes.InvalidParameter, message));

    public void Add(Fault fault) => (_faults ??= []).Add(fault);

    /// <summary>Null when there were no faults. A cursor that does not fit is its own code.</summary>
    public Error? ToError() => _faults switch
    {
        null => null,
        [{ Code: ErrorCodes.InvalidCursor } only] => new Error(ErrorKind.Invalid, ErrorCodes.InvalidCursor, only.Message) { Faults = _faults },
        _ => Error.Invalid(_faults),
    };

    private void AddUnknown(string parameter) => AddFault(parameter, $"'{parameter}' is not a parameter here.");
}
