using IotBackend.Application.Access;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.Measurements;

/// <summary>Forgets for ever what the database refused, of the buckets that the caller may use; returns how many measurements.</summary>
/// <param name="Id">Which entry.</param>
public sealed record DiscardRefusedMeasurements(long Id) : ICommand<long>, IRateLimited, IRequiresAccess, IParsedRequest
{
    public Error? ParseError { get; init; }

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.Admin;

    public Error? AuthorizeObjects(Caller caller) => AccessErrors.CheckAllDevices(caller);
}

internal sealed class DiscardRefusedMeasurementsHandler(ICallerContext context, ISpool? spool = null)
    : IRequestHandler<DiscardRefusedMeasurements, Result<long>>
{
    public async Task<Result<long>> Handle(DiscardRefusedMeasurements request, CancellationToken cancellationToken) => spool is null
        ? SpoolErrors.NoSpool
        : await spool.DiscardAsync(context.Caller!.Buckets, request.Id, cancellationToken);
}
