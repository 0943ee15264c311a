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
    private const string TagPrefix = "tag.";
    private const string DefaultFrom = "-24h";

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

    public ReadMeasurements ReadMeasurements()
    {
        _parameters.RefuseUnknown(["bucket", "device", "name", "field", "from", "to", "order", "limit", "cursor"], TagPrefix);
        var target = Target();
        var order = Order();
        var range = new TimeRange(Time("from", DefaultFrom), Time("to", "now"));
        var limit = Limit(Application.Measurements.ReadMeasurements.DefaultLimit);
        var cursor = Cursor(QueryDigest("measurements"));
        return new(target, cursor?.Range ?? range, order, limit, cursor?.Position) { ParseError = ToError() };
    }

    public ReadLatest ReadLatest()
    {
        _parameters.RefuseUnknown(["bucket", "device", "name", "field", "limit", "cursor"], TagPrefix);
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

    private MeasurementTarget Target() => new(Bucket(), _parameters.Values("device"), _parameters.Values("name"), _parameters.Values("field"), Tags());

    // All that selects and orders; the size of a page may change from page to page.
    private ulong QueryDigest(string kind) => Formats.Cursor.Digest(query
        .Where(pair => pair.Key is not ("cursor" or "limit"))
        .OrderBy(pair => pair.Key, StringComparer.Ordinal)
        .SelectMany(pair => pair.Value.Order(StringComparer.Ordinal).Prepend(pair.Key))
        .Prepend(kind)!);

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

    private Timestamp Time(string parameter, string otherwise)
    {
        if (!QueryTime.TryParse(_parameters.Single(parameter) ?? otherwise, now, out var time))
            AddFault(parameter, $"'{parameter}' is an RFC 3339 time, an integer of Unix milliseconds, 'now', or relative such as -24h, -15m or -7d.");
        return time;
    }

    private int Limit(int otherwise) => _parameters.Limit(otherwise, Application.Measurements.ReadMeasurements.MaxLimit);

    private Cursor? Cursor(ulong digest) => _parameters.Cursor(text => Formats.Cursor.TryDecode(text, digest));

    private void AddFault(string parameter, string message) => _parameters.AddFault(parameter, message);

    private Error? ToError() => _parameters.ToError() ?? notAcceptable;
}
