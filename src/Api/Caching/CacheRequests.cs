using IotBackend.Api.Formats;
using IotBackend.Api.Http;
using IotBackend.Application.Caching;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Caching;

/// <summary>Turns requests into commands about the cache, with all that is wrong with them.</summary>
internal sealed class CacheRequests(HttpRequest request)
{
    public const string Path = "cache";

    private const int MaxBodyBytes = 256 << 10;

    private readonly QueryParameters _parameters = new(request.Query);

    /// <exception cref="BadHttpRequestException">The client sent too slowly or broke the protocol.</exception>
    public async ValueTask<PurgeCache> PurgeAsync(CancellationToken cancellationToken)
    {
        _parameters.RefuseUnknown([]);
        var command = new PurgeCache(false, [], []);
        if (JsonInput.RefuseUnlessJson(request.ContentType) is { } unsupported)
            return command with { ParseError = unsupported };
        using var body = await RequestBody.ReadAsync(request, MaxBodyBytes, ErrorCodes.BodyTooLarge, cancellationToken);
        var error = body.Error ?? CacheJson.Parse(body.Bytes, _parameters.Add, out command);
        return command with { ParseError = error ?? _parameters.ToError() };
    }

    /// <summary>No body says as much as an empty object.</summary>
    /// <exception cref="BadHttpRequestException">The client sent too slowly or broke the protocol.</exception>
    public async ValueTask<WarmCache> WarmAsync(CancellationToken cancellationToken)
    {
        _parameters.RefuseUnknown([]);
        var command = new WarmCache(null);
        if (request is { ContentType: null, ContentLength: null or 0 } && request.Headers.TransferEncoding.Count == 0)
            return command with { ParseError = _parameters.ToError() };
        if (JsonInput.RefuseUnlessJson(request.ContentType) is { } unsupported)
            return command with { ParseError = unsupported };
        using var body = await RequestBody.ReadAsync(request, MaxBodyBytes, ErrorCodes.BodyTooLarge, cancellationToken);
        var error = body.Error ?? CacheJson.Parse(body.Bytes, _parameters.Add, out command);
        return command with { ParseError = error ?? _parameters.ToError() };
    }
}
