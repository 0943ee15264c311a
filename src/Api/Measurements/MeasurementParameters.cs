using IotBackend.Api.Formats;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Measurements;

/// <summary>Reads the query parameters of the measurement endpoints. Faults are collected, all at once; an unknown parameter is one.</summary>
internal sealed class MeasurementParameters(IQueryCollection query, Timestamp now, Error? notAcceptable = null)
{
    private const string TagPrefix = "tag.";
    private const string DefaultFrom = "-24h";

    private List<Fault>? _faults;

    /// <summary>Reads <c>?bucket=</c>, the one parameter of the endpoints that store.</summary>
    public static (BucketName? Bucket, Error? Error) ReadBucket(IQueryCollection query)
    {
        if (query.Count == 0)
            return (null, null);
        var parameters = new MeasurementParameters(query, default);
        parameters.RefuseUnknown(["bucket"], allowTags: false);
        return (parameters.Bucket(), parameters.ToError());
    }

    public ReadMeasurements ReadMeasurements()
    {
        RefuseUnknown(["bucket", "device", "name", "field", "from", "to", "order", "limit", "cursor"], allowTags: true);
        var target = Target();
        var order = Order();
        var range = new TimeRange(Time("from", DefaultFrom), Time("to", "now"));
        var limit = Limit(Application.Measurements.ReadMeasurements.DefaultLimit);
        var cursor = Cursor(QueryDigest("measurements"));
        return new(target, cursor?.Range ?? range, order, limit, cursor?.Position) { ParseError = ToError() };
    }

    public ReadLatest ReadLatest()
    {
        RefuseUnknown(["bucket", "device", "name", "field", "limit", "cursor"], allowTags: true);
        var target = Target();
        var limit = Limit(Application.Measurements.ReadLatest.DefaultLimit);
        return new(target, limit, Cursor(QueryDigest("latest"))?.Position.Key) { ParseError = ToError() };
    }

    /// <summary>The cursor after the last item of a page of raw measurements.</summary>
    public string NextCursor(ReadMeasurements request, Measurement last) =>
        new Cursor(QueryDigest("measurements"), request.Range, new MeasurementPosition(last.Timestamp, last.Key)).Encode();

    /// <summary>The cursor after the last key of a page of newest values.</summary>
    public string NextCursor(MeasurementKey last) =>
        new Cursor(QueryDigest("latest"), default, new MeasurementPosition(default, last)).Encode();

    private MeasurementTarget Target() => new(Bucket(), Values("device"), Values("name"), Values("field"), Tags());

    // All that selects and orders; the size of a page may change from page to page.
    private ulong QueryDigest(string kind) => Formats.Cursor.Digest(query
        .Where(pair => pair.Key is not ("cursor" or "limit"))
        .OrderBy(pair => pair.Key, StringComparer.Ordinal)
        .SelectMany(pair => pair.Value.Order(StringComparer.Ordinal).Prepend(pair.Key))
        .Prepend(kind)!);

    private BucketName? Bucket()
    {
        if (Single("bucket") is not { } text)
            return null;
        var bucket = BucketName.TryParse(text, out var wrong);
        if (bucket is null)
            AddFault("bucket", $"'bucket' {wrong}.");
        return bucket;
    }

    private string[] Values(string parameter) => query.TryGetValue(parameter, out var values) ? [.. values.Select(value => value ?? string.Empty)] : [];

    private List<KeyValuePair<string, string>> Tags()
    {
        List<KeyValuePair<string, string>> tags = [];
        foreach (var (parameter, values) in query)
        {
            if (parameter.StartsWith(TagPrefix, StringComparison.Ordinal))
                tags.AddRange(values.Select(value => KeyValuePair.Create(parameter[TagPrefix.Length..], value ?? string.Empty)));
        }

        return tags;
    }

    private SortOrder Order()
    {
        switch (Single("order"))
        {
            case null or "desc":
                return SortOrder.Descending;
            case "asc":
                return SortOrder.Ascending;
            default:
                AddFault("order", "'order' is asc or desc.");
                return default;
        }
    }

    private Timestamp Time(string parameter, string otherwise)
    {
        if (!QueryTime.TryParse(Single(parameter) ?? otherwise, now, out var time))
            AddFault(parameter, $"'{parameter}' is an RFC 3339 time, an integer of Unix milliseconds, 'now', or relative such as -24h, -15m or -7d.");
        return time;
    }

    private int Limit(int otherwise)
    {
        if (Single("limit") is not { } text)
            return otherwise;
        if (int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var limit)
            && limit is >= 1 and <= Application.Measurements.ReadMeasurements.MaxLimit)
        {
            return limit;
        }

        AddFault("limit", $"'limit' is a whole number from 1 to {Application.Measurements.ReadMeasurements.MaxLimit}.");
        return otherwise;
    }

    private Cursor? Cursor(ulong digest)
    {
        if (Single("cursor") is not { } text)
            return null;
        var cursor = Formats.Cursor.TryDecode(text, digest);
        if (cursor is null)
            (_faults ??= []).Add(new Fault("cursor", ErrorCodes.InvalidCursor, "'cursor' is not one that this query's previous page gave."));
        return cursor;
    }

    private string? Single(string parameter)
    {
        if (!query.TryGetValue(parameter, out var values) || values.Count == 0)
            return null;
        if (values.Count > 1)
            AddFault(parameter, $"'{parameter}' is given more than once.");
        return values[0] ?? string.Empty;
    }

    private void RefuseUnknown(ReadOnlySpan<string> known, bool allowTags)
    {
        foreach (var parameter in query.Keys)
        {
            var isTag = allowTags && parameter.StartsWith(TagPrefix, StringComparison.Ordinal);
            if (!isTag && !known.Contains(parameter))
                AddUnknown(MeasurementBatchWriter.Path("", System.Text.Encoding.UTF8.GetBytes(parameter))[1..]);
        }
    }

    private void AddUnknown(string parameter) => AddFault(parameter, $"'{parameter}' is not a parameter here.");

    private void AddFault(string parameter, string message) => (_faults ??= []).Add(new Fault(parameter, ErrorCodes.InvalidParameter, message));

    // A cursor that does not fit is its own code; otherwise the faults are those of parameters.
    private Error? ToError() => _faults switch
    {
        null => notAcceptable,
        [{ Code: ErrorCodes.InvalidCursor } only] => new Error(ErrorKind.Invalid, ErrorCodes.InvalidCursor, only.Message) { Faults = _faults },
        _ => Error.Invalid(_faults),
    };
}
