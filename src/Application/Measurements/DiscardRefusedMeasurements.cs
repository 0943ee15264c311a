using System.Globalization;
using IotBackend.Application.Access;
using IotBackend.Application.Access.Audit;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.Measurements;

/// <summary>Forgets for ever what the database refused, of the buckets that the caller may use; returns how many measurements.</summary>
/// <param name="Id">Which entry.</param>
public sealed record DiscardRefusedMeasurements(long Id) : ICommand<long>, IRateLimited, IRequiresAccess, IParsedRequest, IAudited
{
    public Error? ParseError { get; init; }

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.Admin;

    public AuditSubject Subject => new("spool.discard", "refused", Id.ToString(CultureInfo.InvariantCulture));

    public Error? AuthorizeObjects(Caller caller) => AccessErrors.CheckAllDevices(caller);
}

internal sealed class DiscardRefusedMeasurementsHandler(ICallerContext context, AuditTrail trail, ISpool? spool = null)
    : IRequestHandler<DiscardRefusedMeasurements, Result<long>>
{
    public async Task<Result<long>> Handle(DiscardRefusedMeasurements request, CancellationToken cancellationToken)
    {
        if (spool is null)
            return SpoolErrors.NoSpool;
        var result = await spool.DiscardAsync(context.Caller!.Buckets, request.Id, cancellationToken);
        if (result.IsSuccess)
            trail.Tell(new { Measurements = result.Value }, null);
        return result;
    }
}
