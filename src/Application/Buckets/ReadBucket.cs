using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.Buckets;

/// <summary>One bucket with what it holds.</summary>
/// <param name="Name">Null when it could not be read; then <see cref="ParseError"/> says why.</param>
public sealed record ReadBucket(BucketName? Name) : IQuery<MeasuredBucket>, IRateLimited, IRequiresAccess, IParsedRequest
{
    public Error? ParseError { get; init; }

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.Admin;

    public Error? AuthorizeObjects(Caller caller) => BucketAccess.CheckSight(caller, Name);
}

internal sealed class ReadBucketHandler(IBucketStore store, BucketUsages usages) : IRequestHandler<ReadBucket, Result<MeasuredBucket>>
{
    public async Task<Result<MeasuredBucket>> Handle(ReadBucket request, CancellationToken cancellationToken)
    {
        var found = await store.FindAsync(request.Name!, cancellationToken);
        return found.Error is { } failure ? failure : await usages.MeasureAsync(found.Value, cancellationToken);
    }
}
