using IotBackend.Api.Formats;
using IotBackend.Api.Http;
using IotBackend.Application.ApiKeys;
using IotBackend.Domain.ApiKeys;
using IotBackend.Domain.Results;

namespace IotBackend.Api.ApiKeys;

/// <summary>Turns requests into commands and queries about keys, with all that is wrong with them.</summary>
internal sealed class ApiKeyRequests(HttpRequest request, DateTimeOffset now)
{
    public const string Path = "admin/keys";

    private const int MaxBodyBytes = 256 << 10;
    private const int MaxSearchLength = 128;

    private static readonly Error NoSuchKey = new(ErrorKind.NotFound, ErrorCodes.NotFound, "There is no key of this id.");

    private readonly QueryParameters _parameters = new(request.Query);

    public static string AddressOf(ApiKey key) => $"/{Path}/{key.Id}";

    public ListApiKeys List()
    {
        _parameters.RefuseUnknown(["q", "status", "tier", "limit", "cursor"]);
        var text = Text("q")?.Trim();
        var status = Status();
        var tier = Text("tier");
        var limit = _parameters.Limit(ListApiKeys.DefaultLimit, ListApiKeys.MaxLimit);
        var after = _parameters.Cursor(ApiKeyCursor.TryDecode);
        return new ListApiKeys(text is "" ? null : text, status, tier, limit, after) { ParseError = _parameters.ToError() ?? AcceptHeader.RefuseUnlessJson(request) };
    }

    public ReadApiKey Read(string id)
    {
        _parameters.RefuseUnknown([]);
        return new ReadApiKey(id) { ParseError = RefuseUnlessId(id) ?? _parameters.ToError() ?? AcceptHeader.RefuseUnlessJson(request) };
    }

    /// <exception cref="BadHttpRequestException">The client sent too slowly or broke the protocol.</exception>
    public async ValueTask<CreateApiKey> CreateAsync(CancellationToken cancellationToken)
    {
        _parameters.RefuseUnknown([]);
        var values = ApiKeyValues.None;
        var bodyError = await ReadAsync(isOptional: false, body => ApiKeyJson.Parse(body, isNew: true, now, _parameters.Add, out values), cancellationToken);
        return new CreateApiKey(values) { ParseError = bodyError ?? _parameters.ToError() };
    }

    /// <exception cref="BadHttpRequestException">The client sent too slowly or broke the protocol.</exception>
    public async ValueTask<ChangeApiKey> ChangeAsync(string id, CancellationToken cancellationToken)
    {
        _parameters.RefuseUnknown([]);
        var precondition = PreconditionHeaders.Read(request.Headers, _parameters.AddFault);
        var values = ApiKeyValues.None;
        var bodyError = await ReadAsync(isOptional: false, body => ApiKeyJson.Parse(body, isNew: false, now, _parameters.Add, out values), cancellationToken);
        return new ChangeApiKey(id, values, precondition) { ParseError = RefuseUnlessId(id) ?? bodyError ?? _parameters.ToError() };
    }

    /// <exception cref="BadHttpRequestException">The client sent too slowly or broke the protocol.</exception>
    public async ValueTask<RotateApiKey> RotateAsync(string id, CancellationToken cancellationToken)
    {
        _parameters.RefuseUnknown([]);
        var precondition = PreconditionHeaders.Read(request.Headers, _parameters.AddFault);
        var overlap = TimeSpan.Zero;
        var bodyError = await ReadAsync(isOptional: true, body => ApiKeyJson.ParseRotation(body, _parameters.Add, out overlap), cancellationToken);
        return new RotateApiKey(id, overlap, precondition) { ParseError = RefuseUnlessId(id) ?? bodyError ?? _parameters.ToError() };
    }

    public RevokeApiKey Revoke(string id)
    {
        _parameters.RefuseUnknown([]);
        var precondition = PreconditionHeaders.Read(request.Headers, _parameters.AddFault);
        return new RevokeApiKey(id, precondition) { ParseError = RefuseUnlessId(id) ?? _parameters.ToError() };
    }

    /// <summary>What can be no id is not looked up, nor written to the audit log.</summary>
    public static Error? RefuseUnlessId(string id) => ApiKeyToken.IsId(id) ? null : NoSuchKey;

    private string? Text(string parameter)
    {
        var text = _parameters.Single(parameter);
        if (text?.Length > MaxSearchLength || text?.Any(char.IsControl) == true)
            _parameters.AddFault(parameter, $"'{parameter}' has at most {MaxSearchLength} characters, and no control characters.");
        return text;
    }

    private ApiKeyStatus? Status()
    {
        if (_parameters.Single("status") is not { } text)
            return null;
        var status = ApiKeyJson.TryReadStatus(text);
        if (status is null)
            _parameters.AddFault("status", "'status' is active, expired or revoked.");
        return status;
    }

    private async ValueTask<Error?> ReadAsync(bool isOptional, Parser parse, CancellationToken cancellationToken)
    {
        // Without a body nobody says what it would be.
        var isAbsent = isOptional && request.ContentLength is null or 0 && request.ContentType is null;
        if (!isAbsent && JsonInput.RefuseUnlessJson(request.ContentType) is { } unsupported)
            return unsupported;
        using var body = await RequestBody.ReadAsync(request, MaxBodyBytes, ErrorCodes.BodyTooLarge, cancellationToken);
        return body.Error ?? parse(body.Bytes);
    }

    private delegate Error? Parser(ReadOnlySpan<byte> body);
}
