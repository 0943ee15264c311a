using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.Measurements;

/// <summary>How much waits in the spool, of all buckets.</summary>
public sealed record ReadSpool : IQuery<SpoolStatus>, IRateLimited, IRequiresAccess, IParsedRequest
{
    public Error? ParseError { get; init; }

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.Admin;

    public Error? AuthorizeObjects(Caller caller) => null;
}

internal sealed class ReadSpoolHandler(ISpool? spool = null) : IRequestHandler<ReadSpool, Result<SpoolStatus>>
{
    public Task<Result<SpoolStatus>> Handle(ReadSpool request, CancellationToken cancellationToken) =>
        Task.FromResult<Result<SpoolStatus>>(spool is null ? SpoolErrors.NoSpool : spool.Status);
}
