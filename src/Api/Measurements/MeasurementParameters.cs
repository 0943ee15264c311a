using IotBackend.Api.Formats;
using IotBackend.Api.Http;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Measurements;

/// <summary>Reads the query parameters of the measurement endpoints. Faults are collected, all at once.</summary>
internal sealed class MeasurementParameters(IQueryCollection query, Timestamp now, Error? notAcceptable = null)
{
    public const string MeasurementsPath = "/measurements";
    public const string LatestPath = "/measurements/latest";

    /// <summary>Where a range begins that is not told.</summary>
    public const string DefaultFrom = "-24h";

    private const string TagPrefix = "tag.";

    private readonly QueryParameters _parameters = new(query);

    /// <summary>Reads <c>?bucket=</c>, the one parameter of the endpoints that store.</summary>
    public static (BucketName? Bucket, Error? Error) ReadBucket(IQueryCollection query)
    {
        if (query.Count == 0)
            return (null, null);
        var parameters = new MeasurementParameters(query, default);
        parameters._parameters.RefuseUnknown(["bucket"]);
        return (parameters.Bucket(), parameters.ToError());
    }

    /// <param name="queryString">The query as it was sent.</param>
    public ReadMeasurements ReadMeasurements(string? queryString)
    {
        _parameters.RefuseUnknown(["bucket", "device", "name", "field", "from", "to", "order", "limit", "cursor"], TagPrefix);
        var target = Target();
        var order = Order();
        var (from, to) = (_parameters.Single("from") ?? DefaultFrom, _parameters.Single("to") ?? QueryTime.Now);
        var range = new TimeRange(Time("from", from), Time("to", to));
        var limit = Limit(Application.Measurements.ReadMeasurements.DefaultLimit);
        var format = new MeasurementPageFormat(query);
        var cursor = Cursor(format);
        return new(target, cursor?.Range ?? range, order, limit, cursor?.Position)
        {
            ParseError = ToError(),
            Format = format,
            Address = string.Concat(MeasurementsPath, queryString),
            IsRangeFixed = cursor is not null || !(QueryTime.IsRelative(from) || QueryTime.IsRelative(to)),
        };
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

    private MeasurementTarget Target() => new(Bucket(), _parameters.Values("device"), _parameters.Values("name"), _parameters.Values("field"), Tags());

    private BucketName? Bucket()
    {
        if (_parameters.Single("bucket") is not { } text)
            return null;
        var bucket = BucketName.TryParse(text, out var wrong);
        if (bucket is null)
            AddFault("bucket", $"'bucket' {wrong}.");
        return bucket;
    }

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
