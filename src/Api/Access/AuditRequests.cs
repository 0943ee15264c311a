using IotBackend.Api.Formats;
using IotBackend.Api.Http;
using IotBackend.Application.Access.Audit;
using IotBackend.Domain.Access;
using IotBackend.Domain.Measurements;

namespace IotBackend.Api.Access;

/// <summary>Turns requests into queries about the audit log, with all that is wrong with them.</summary>
internal sealed class AuditRequests(HttpRequest request, Timestamp now)
{
    public const string Path = "admin/audit";

    // As long as what is kept.
    private const int MaxLength = 64;
    private const int MaxObjectIdLength = 512;

    private readonly QueryParameters _parameters = new(request.Query);

    public ListAuditEntries List()
    {
        _parameters.RefuseUnknown(["actor", "action", "object", "objectId", "outcome", "address", "from", "to", "limit", "cursor"]);
        var filter = new AuditFilter(
            Text("actor", MaxLength),
            Text("action", MaxLength),
            Text("object", MaxLength),
            Text("objectId", MaxObjectIdLength),
            Text("outcome", MaxLength),
            Address(),
            _parameters.Time("from", now),
            _parameters.Time("to", now),
            Before: _parameters.Cursor(IdCursor.TryDecode)?.Id,
            _parameters.Limit(ListAuditEntries.DefaultLimit, ListAuditEntries.MaxLimit));
        return new ListAuditEntries(filter) { ParseError = _parameters.ToError() ?? AcceptHeader.RefuseUnlessJson(request) };
    }

    private string? Text(string parameter, int maxLength)
    {
        var text = _parameters.Single(parameter);
        if (text is { Length: 0 } || text?.Length > maxLength || text?.Any(char.IsControl) == true)
            _parameters.AddFault(parameter, $"'{parameter}' has 1 to {maxLength} characters, without controls.");
        return text;
    }

    private string? Address()
    {
        if (_parameters.Single("address") is not { } text)
            return null;
        if (AddressNetwork.TryParse(text, out var address))
            return address.ToString();
        _parameters.AddFault("address", "'address' is an address such as 192.0.2.7 or 2001:db8::7.");
        return null;
    }
}
