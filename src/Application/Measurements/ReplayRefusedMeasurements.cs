using System.Globalization;
using IotBackend.Application.Access;
using IotBackend.Application.Access.Audit;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.Measurements;

/// <summary>
/// Puts what the database refused at the end of the queue again, of the buckets that the caller may use; returns how many measurements.
/// </summary>
/// <param name="Id">Which entry; null for all.</param>
public sealed record ReplayRefusedMeasurements(long? Id) : ICommand<long>, IRateLimited, IRequiresAccess, IParsedRequest, IAudited
{
    public Error? ParseError { get; init; }

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.Admin;

    public AuditSubject Subject => new("spool.replay", "refused", Id?.ToString(CultureInfo.InvariantCulture));

    public Error? AuthorizeObjects(Caller caller) => AccessErrors.CheckAllDevices(caller);
}

internal sealed class ReplayRefusedMeasurementsHandler(ICallerContext context, AuditTrail trail, ISpool? spool = null)
    : IRequestHandler<ReplayRefusedMeasurements, Result<long>>
{
    public async Task<Result<long>> Handle(ReplayRefusedMeasurements request, CancellationToken cancellationToken)
    {
        if (spool is null)
            return SpoolErrors.NoSpool;
        var result = await spool.ReplayAsync(context.Caller!.Buckets, request.Id, cancellationToken);
        if (result.IsSuccess)
            trail.Tell(null, new { Measurements = result.Value });
        return result;
    }
}
