using IotBackend.Api.Formats;
using IotBackend.Api.Http;
using IotBackend.Application.Devices;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;

namespace IotBackend.Api.Devices;

/// <summary>Turns requests into queries about devices, with all that is wrong with them.</summary>
internal sealed class DeviceRequests(HttpRequest request, Timestamp now)
{
    public const string Path = "devices";

    private readonly QueryParameters _parameters = new(request.Query);

    public ListDevices List()
    {
        _parameters.RefuseUnknown(["bucket", "prefix", "activeSince", "inactiveSince", "limit", "cursor"]);
        var (bucket, prefix, active, inactive) = (Bucket(), _parameters.Single("prefix"), Time("activeSince"), Time("inactiveSince"));
        var limit = _parameters.Limit(ListDevices.DefaultLimit, ListDevices.MaxLimit);
        var after = _parameters.Cursor(DeviceCursor.TryDecode);
        return new ListDevices(bucket, prefix, active, inactive, limit, after)
        {
            ParseError = _parameters.ToError() ?? AcceptHeader.RefuseUnlessJson(request),
            Format = DeviceFormat.Instance,
            Address = $"/{Path}{request.QueryString.Value}",
        };
    }

    public ReadDevice Read()
    {
        _parameters.RefuseUnknown(["bucket"]);
        var bucket = Bucket();
        var device = SentPath.NameAfter(request, $"/{Path}/");
        if (device is null)
            _parameters.AddFault("device", "The name of the device is not percent-encoded UTF-8.");
        return new ReadDevice(bucket, device ?? string.Empty)
        {
            ParseError = _parameters.ToError() ?? AcceptHeader.RefuseUnlessJson(request),
            Format = DeviceFormat.Instance,
            Address = $"/{Path}/{Uri.EscapeDataString(device ?? string.Empty)}{request.QueryString.Value}",
        };
    }

    private BucketName? Bucket()
    {
        if (_parameters.Single("bucket") is not { } text)
            return null;
        var bucket = BucketName.TryParse(text, out var wrong);
        if (bucket is null)
            _parameters.AddFault("bucket", $"'bucket' {wrong}.");
        return bucket;
    }

    private Timestamp? Time(string parameter)
    {
        if (_parameters.Single(parameter) is not { } text)
            return null;
        if (!QueryTime.TryParse(text, now, out var time))
            _parameters.AddFault(parameter, $"'{parameter}' is an RFC 3339 time, an integer of Unix milliseconds, 'now', or relative such as -24h, -15m or -7d.");
        return time;
    }
}
