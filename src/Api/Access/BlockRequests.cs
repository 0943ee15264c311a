using IotBackend.Api.Formats;
using IotBackend.Api.Http;
using IotBackend.Application.Access.Blocks;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Access;

/// <summary>Turns requests into commands and queries about blocks, with all that is wrong with them.</summary>
internal sealed class BlockRequests(HttpRequest request, DateTimeOffset now)
{
    public const string Path = "admin/blocks";

    private const int MaxBodyBytes = 16 << 10;
    private const int IdLength = 32;

    private readonly QueryParameters _parameters = new(request.Query);

    public ListBlocks List()
    {
        _parameters.RefuseUnknown(["kind", "limit", "cursor"]);
        var kind = Kind();
        var limit = _parameters.Limit(ListBlocks.DefaultLimit, ListBlocks.MaxLimit);
        var after = _parameters.Cursor(text => IsId(text) ? text : null);
        return new ListBlocks(kind, limit, after) { ParseError = _parameters.ToError() ?? AcceptHeader.RefuseUnlessJson(request) };
    }

    /// <exception cref="BadHttpRequestException">The client sent too slowly or broke the protocol.</exception>
    public async ValueTask<CreateBlock> CreateAsync(CancellationToken cancellationToken)
    {
        _parameters.RefuseUnknown([]);
        var command = new CreateBlock(null, string.Empty, null);
        if (JsonInput.RefuseUnlessJson(request.ContentType) is { } unsupported)
            return command with { ParseError = unsupported };
        using var body = await RequestBody.ReadAsync(request, MaxBodyBytes, ErrorCodes.BodyTooLarge, cancellationToken);
        var error = body.Error ?? BlockJson.Parse(body.Bytes, now, _parameters.Add, out command);
        return command with { ParseError = error ?? _parameters.ToError() };
    }

    public LiftBlock Lift(string id)
    {
        _parameters.RefuseUnknown([]);
        return new LiftBlock(id) { ParseError = _parameters.ToError() ?? (IsId(id) ? null : NotFound(id)) };
    }

    private BlockKind? Kind()
    {
        if (_parameters.Single("kind") is not { } text)
            return null;
        var kind = BlockKinds.TryParse(text);
        if (kind is null)
            _parameters.AddFault("kind", "'kind' is address or key.");
        return kind;
    }

    private static bool IsId(string text) => text.Length == IdLength && text.All(char.IsAsciiHexDigitLower);

    // What can be no id is not written to the audit log.
    private static Error NotFound(string id) => new(ErrorKind.NotFound, ErrorCodes.NotFound, $"There is no block '{id}'.");
}
