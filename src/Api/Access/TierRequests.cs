using IotBackend.Api.Formats;
using IotBackend.Api.Http;
using IotBackend.Application.Access.RateLimits;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Access;

/// <summary>Turns requests into commands and queries about tiers, with all that is wrong with them.</summary>
internal sealed class TierRequests(HttpRequest request)
{
    public const string Path = "admin/tiers";

    private const int MaxBodyBytes = 64 << 10;

    private static readonly Error NoSuchTier = new(ErrorKind.NotFound, ErrorCodes.NotFound, "There is no tier of this name.");

    private readonly QueryParameters _parameters = new(request.Query);

    public static string AddressOf(Tier tier) => $"/{Path}/{tier.Name}";

    public ListTiers List()
    {
        _parameters.RefuseUnknown(["limit", "cursor"]);
        var limit = _parameters.Limit(ListTiers.DefaultLimit, ListTiers.MaxLimit);
        var after = _parameters.Cursor(TierCursor.TryDecode);
        return new ListTiers(limit, after) { ParseError = _parameters.ToError() ?? AcceptHeader.RefuseUnlessJson(request) };
    }

    public ReadTier Read(string name)
    {
        _parameters.RefuseUnknown([]);
        return new ReadTier(name) { ParseError = RefuseUnlessName(name) ?? _parameters.ToError() ?? AcceptHeader.RefuseUnlessJson(request) };
    }

    /// <exception cref="BadHttpRequestException">The client sent too slowly or broke the protocol.</exception>
    public async ValueTask<SaveTier> SaveAsync(string name, CancellationToken cancellationToken)
    {
        _parameters.RefuseUnknown([]);
        if (!Tier.IsName(name))
            _parameters.AddFault("name", $"The name of a tier has 1 to {Tier.MaxNameLength} lower-case letters, digits, - and _.");
        var precondition = PreconditionHeaders.Read(request.Headers, _parameters.AddFault);
        var (tier, bodyError) = await BodyAsync(name, cancellationToken);
        return new SaveTier(tier, precondition) { ParseError = bodyError ?? _parameters.ToError() };
    }

    public DeleteTier Delete(string name)
    {
        _parameters.RefuseUnknown([]);
        var precondition = PreconditionHeaders.Read(request.Headers, _parameters.AddFault);
        return new DeleteTier(name, precondition) { ParseError = RefuseUnlessName(name) ?? _parameters.ToError() };
    }

    // What can be no name is not looked up, nor written to the audit log.
    private static Error? RefuseUnlessName(string name) => Tier.IsName(name) ? null : NoSuchTier;

    private async ValueTask<(Tier Tier, Error? Error)> BodyAsync(string name, CancellationToken cancellationToken)
    {
        var nothing = Tier.Unlimited with { Name = name };
        if (JsonInput.RefuseUnlessJson(request.ContentType) is { } unsupported)
            return (nothing, unsupported);
        using var body = await RequestBody.ReadAsync(request, MaxBodyBytes, ErrorCodes.BodyTooLarge, cancellationToken);
        if (body.Error is not null)
            return (nothing, body.Error);
        var error = TierJson.Parse(body.Bytes, name, _parameters.Add, out var tier);
        return (tier, error);
    }
}
