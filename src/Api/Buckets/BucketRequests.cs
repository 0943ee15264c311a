using IotBackend.Api.Formats;
using IotBackend.Api.Http;
using IotBackend.Application.Buckets;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Buckets;

/// <summary>Turns requests into commands and queries about buckets, with all that is wrong with them.</summary>
internal sealed class BucketRequests(HttpRequest request)
{
    public const string Path = "admin/buckets";

    private const int MaxBodyBytes = 64 << 10;

    private readonly QueryParameters _parameters = new(request.Query);

    /// <summary>Where the bucket is, as an address relative to the server.</summary>
    public static string AddressOf(BucketName name) => $"/{Path}/{Uri.EscapeDataString(name.Value)}";

    public ListBuckets List()
    {
        _parameters.RefuseUnknown(["limit", "cursor"]);
        var limit = _parameters.Limit(ListBuckets.DefaultLimit, ListBuckets.MaxLimit);
        var after = _parameters.Cursor(NameCursor.TryDecode);
        return new ListBuckets(limit, after) { ParseError = _parameters.ToError() ?? AcceptHeader.RefuseUnlessJson(request) };
    }

    public ReadBucket Read()
    {
        _parameters.RefuseUnknown([]);
        return new ReadBucket(Name()) { ParseError = _parameters.ToError() ?? AcceptHeader.RefuseUnlessJson(request) };
    }

    /// <exception cref="BadHttpRequestException">The client sent too slowly or broke the protocol.</exception>
    public async ValueTask<SaveBucket> SaveAsync(CancellationToken cancellationToken)
    {
        _parameters.RefuseUnknown([]);
        var name = Name();
        var precondition = PreconditionHeaders.Read(request.Headers, _parameters.AddFault);
        var (rules, bodyError) = await BodyAsync(cancellationToken);
        return new SaveBucket(name, rules.Description, rules.Retention, precondition) { ParseError = bodyError ?? _parameters.ToError() };
    }

    public DeleteBucket Delete()
    {
        _parameters.RefuseUnknown(["confirm"]);
        var confirmation = _parameters.Single("confirm");
        var precondition = PreconditionHeaders.Read(request.Headers, _parameters.AddFault);
        return new DeleteBucket(Name(), confirmation, precondition) { ParseError = _parameters.ToError() };
    }

    private async ValueTask<(BucketRules Rules, Error? Error)> BodyAsync(CancellationToken cancellationToken)
    {
        if (JsonInput.RefuseUnlessJson(request.ContentType) is { } unsupported)
            return (BucketRules.Default, unsupported);
        using var body = await RequestBody.ReadAsync(request, MaxBodyBytes, ErrorCodes.BodyTooLarge, cancellationToken);
        if (body.Error is not null)
            return (BucketRules.Default, body.Error);
        var error = BucketJson.Parse(body.Bytes, _parameters.Add, out var rules);
        return (rules, error);
    }

    private BucketName? Name()
    {
        var wrong = "is not percent-encoded UTF-8";
        var name = SentPath.NameAfter(request, $"/{Path}/") is { } text ? BucketName.TryParse(text, out wrong) : null;
        if (name?.Value is "." or "..")
            (name, wrong) = (null, "is one that clients and proxies take for a place in a path");
        if (name is null)
            _parameters.AddFault("name", $"The name of the bucket {wrong}.");
        return name;
    }
}
