using IotBackend.Api.Formats;
using IotBackend.Api.Http;
using IotBackend.Application.Measurements;

namespace IotBackend.Api.Measurements;

/// <summary>Turns requests into commands and queries about the spool, with all that is wrong with them.</summary>
internal sealed class SpoolRequests(HttpRequest request)
{
    private readonly QueryParameters _parameters = new(request.Query);

    public ReadSpool Read()
    {
        _parameters.RefuseUnknown([]);
        return new ReadSpool { ParseError = _parameters.ToError() ?? AcceptHeader.RefuseUnlessJson(request) };
    }

    public ListRefusedMeasurements List()
    {
        _parameters.RefuseUnknown(["limit", "cursor"]);
        var limit = _parameters.Limit(ListRefusedMeasurements.DefaultLimit, ListRefusedMeasurements.MaxLimit);
        var after = _parameters.Cursor(IdCursor.TryDecode)?.Id;
        return new ListRefusedMeasurements(limit, after) { ParseError = _parameters.ToError() ?? AcceptHeader.RefuseUnlessJson(request) };
    }

    public ReplayRefusedMeasurements Replay(long? id)
    {
        _parameters.RefuseUnknown([]);
        return new ReplayRefusedMeasurements(id) { ParseError = _parameters.ToError() };
    }

    public DiscardRefusedMeasurements Discard(long id)
    {
        _parameters.RefuseUnknown([]);
        return new DiscardRefusedMeasurements(id) { ParseError = _parameters.ToError() };
    }
}
