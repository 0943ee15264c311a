using IotBackend.Api.Formats;
using IotBackend.Api.Http;
using IotBackend.Application.Measurements;
using IotBackend.Application.Measurements.Live;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Measurements.Aggregates;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Measurements;

/// <summary>Reads the query parameters of the measurement endpoints. Faults are collected, all at once.</summary>
internal sealed class MeasurementParameters(IQueryCollection query, Timestamp now, Error? notAcceptable = null)
{
    public const string MeasurementsPath = "/measurements";
    public const string LatestPath = "/measurements/latest";

    /// <summary>Where a range begins that is not told.</summary>
    public const string DefaultFrom = "-24h";

    /// <summary>The header by which a watcher comes back.</summary>
    public const string LastEventId = "Last-Event-ID";

    private const string TagPrefix = "tag.";
    private const string ResumeParameter = "resumeAfter";

    private readonly QueryParameters _parameters = new(query);

    /// <summary>Reads <c>?bucket=</c>, the one parameter of the endpoint that stores a single measurement.</summary>
    public static (BucketName? Bucket, Error? Error) ReadBucket(IQueryCollection query)
    {
        if (query.Count == 0)
            return (null, null);
        var parameters = new QueryParameters(query);
        parameters.RefuseUnknown(["bucket"]);
        return (Bucket(parameters), parameters.ToError());
    }

    /// <summary>The parameter <c>bucket</c>; null when it is not given, or faulty.</summary>
    public static BucketName? Bucket(QueryParameters parameters)
    {
        if (parameters.Single("bucket") is not { } text)
            return null;
        var bucket = BucketName.TryParse(text, out var wrong);
        if (bucket is null)
            parameters.AddFault("bucket", $"'bucket' {wrong}.");
        return bucket;
    }

    /// <param name="queryString">The query as it was sent.</param>
    public ReadMeasurements ReadMeasurements(string? queryString)
    {
        _parameters.RefuseUnknown(["bucket", "device", "name", "field", "from", "to", "order", "limit", "cursor"], TagPrefix);
        var target = Target();
        var order = Order();
        var (range, isFixed) = Range();
        var limit = Limit(Application.Measurements.ReadMeasurements.DefaultLimit);
        var format = new MeasurementPageFormat(query);
        var cursor = Cursor(format);
        return new(target, cursor?.Range ?? range, order, limit, cursor?.Position)
        {
            ParseError = ToError(),
            Format = format,
            Address = string.Concat(MeasurementsPath, queryString),
            IsRangeFixed = cursor is not null || isFixed,
        };
    }

    /// <summary>True when the query asks for aggregates, and not for what was measured.</summary>
    public static bool AskForAggregates(IQueryCollection query) => query.ContainsKey("window") || query.ContainsKey("aggregate") || query.ContainsKey("fill");

    /// <param name="queryString">The query as it was sent.</param>
    public AggregateMeasurements AggregateMeasurements(string? queryString)
    {
        _parameters.RefuseUnknown(["bucket", "device", "name", "field", "from", "to", "window", "aggregate", "fill"], TagPrefix);
        var target = Target();
        var (range, isFixed) = Range();
        return new(target, range, Window(), Functions(), Fill())
        {
            ParseError = ToError(),
            Format = AggregateFormat.Instance,
            Address = string.Concat(MeasurementsPath, queryString),
            IsRangeFixed = isFixed,
        };
    }

    /// <param name="needsColumns">Whether tags and fields have to be known beforehand.</param>
    public StreamMeasurements StreamMeasurements(bool needsColumns)
    {
        _parameters.RefuseUnknown(["bucket", "device", "name", "field", "from", "to", "order", "limit", "cursor", ResumeParameter], TagPrefix);
        var target = Target();
        var order = Order();
        var (range, _) = Range();
        long? limit = query.ContainsKey("limit") ? _parameters.Limit(int.MaxValue, int.MaxValue) : null;
        var cursor = Cursor(new MeasurementPageFormat(query));
        var after = ResumeAfter();
        if (query.ContainsKey("cursor") && query.ContainsKey(ResumeParameter))
            AddFault(ResumeParameter, $"'{ResumeParameter}' and 'cursor' both tell where to go on: give one of them.");
        return new(target, cursor?.Range ?? range, order, limit, cursor?.Position ?? after, needsColumns) { ParseError = ToError() };
    }

    /// <param name="queryString">The query as it was sent.</param>
    public ReadLatest ReadLatest(string? queryString)
    {
        _parameters.RefuseUnknown(["bucket", "device", "name", "field", "limit", "cursor"], TagPrefix);
        var target = Target();
        var limit = Limit(Application.Measurements.ReadLatest.DefaultLimit);
        var format = new LatestPageFormat(query);
        var after = Cursor(format)?.Position.Key;
        return new(target, limit, after) { ParseError = ToError(), Format = format, Address = string.Concat(LatestPath, queryString) };
    }

    /// <summary>What is to be deleted, and whether it is only to be counted. An end of the range that is not told is open.</summary>
    public (Deletion What, bool IsDryRun, Error? Error) Deletion()
    {
        _parameters.RefuseUnknown(["bucket", "device", "name", "field", "from", "to", "dryRun"], TagPrefix);
        var target = Target();
        target = target with { Devices = [.. target.Devices.Distinct(StringComparer.Ordinal)] };
        var from = _parameters.Single("from") is { } start ? Time("from", start) : Timestamp.MinValue;
        var to = _parameters.Single("to") is { } end ? Time("to", end) : Timestamp.MaxValue;
        var isDryRun = IsDryRun();
        return (new Deletion(target, new TimeRange(from, to)), isDryRun, ToError());
    }

    /// <param name="lastEventId">The header <c>Last-Event-ID</c>; empty: from now on.</param>
    public WatchMeasurements WatchMeasurements(string lastEventId)
    {
        _parameters.RefuseUnknown(["bucket", "device", "name", "field"], TagPrefix);
        var target = Target();
        var after = lastEventId.Length == 0 ? null : LiveEventId.TryParse(lastEventId);
        if (after is null && lastEventId.Length > 0)
            AddFault(LastEventId, $"'{LastEventId}' is not the id of an event of this stream.");
        return new(target, after) { ParseError = ToError() };
    }

    private MeasurementTarget Target() => new(Bucket(_parameters), _parameters.Values("device"), _parameters.Values("name"), _parameters.Values("field"), Tags());

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

    private (TimeRange Range, bool IsFixed) Range()
    {
        var (from, to) = (_parameters.Single("from") ?? DefaultFrom, _parameters.Single("to") ?? QueryTime.Now);
        return (new TimeRange(Time("from", from), Time("to", to)), !(QueryTime.IsRelative(from) || QueryTime.IsRelative(to)));
    }

    private WindowLength? Window()
    {
        if (_parameters.Single("window") is not { } text)
            return null;
        var window = WindowLength.TryParse(text);
        if (window is null)
            AddFault("window", "'window' is a whole number with ms, s, m, h, d or w, such as 10s, 5m or 1d.");
        return window;
    }

    private List<AggregateFunction> Functions()
    {
        var functions = new List<AggregateFunction>();
        foreach (var name in _parameters.Values("aggregate").SelectMany(value => value.Split(',')))
        {
            if (AggregateNames.Find(name) is not { } function)
                AddFault("aggregate", $"'aggregate' is one or several of {string.Join(", ", AggregateNames.All)}.");
            else if (!functions.Contains(function))
                functions.Add(function);
        }

        return functions.Count > 0 ? functions : [AggregateFunction.Mean];
    }

    private WindowFill Fill()
    {
        switch (_parameters.Single("fill"))
        {
            case null or "none":
                return WindowFill.None;
            case "null":
                return WindowFill.Null;
            case "previous":
                return WindowFill.Previous;
            case "linear":
                return WindowFill.Linear;
            default:
                AddFault("fill", "'fill' is none, null, previous or linear.");
                return default;
        }
    }

    private MeasurementPosition? ResumeAfter()
    {
        if (_parameters.Single(ResumeParameter) is not { } text)
            return null;
        var after = ResumePoint.TryParse(text);
        if (after is null)
            AddFault(ResumeParameter, $$"""'{{ResumeParameter}}' is the last row as JSON: { "device", "name", "timestamp", "tags" }.""");
        return after;
    }

    // What is neither is refused: it must not delete by a slip of the pen.
    private bool IsDryRun()
    {
        var text = _parameters.Single("dryRun");
        if (text is not (null or "true" or "false"))
            AddFault("dryRun", "'dryRun' is true or false.");
        return text == "true";
    }

    private SortOrder Order()
    {
        switch (_parameters.Single("order"))
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

    private Timestamp Time(string parameter, string text)
    {
        if (!QueryTime.TryParse(text, now, out var time))
            AddFault(parameter, $"'{parameter}' is an RFC 3339 time, an integer of Unix milliseconds, 'now', or relative such as -24h, -15m or -7d.");
        return time;
    }

    private int Limit(int otherwise) => _parameters.Limit(otherwise, Application.Measurements.ReadMeasurements.MaxLimit);

    private Cursor? Cursor(IPageFormat format) =>
        query.ContainsKey("cursor") ? _parameters.Cursor(text => Formats.Cursor.TryDecode(text, format.Digest)) : null;

    private void AddFault(string parameter, string message) => _parameters.AddFault(parameter, message);

    private Error? ToError() => _parameters.ToError() ?? notAcceptable;
}
