using IotBackend.Application.Access;
using IotBackend.Application.Access.Audit;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;
using MediatR;
using Microsoft.Extensions.Logging;

namespace IotBackend.Application.Buckets;

/// <summary>Creates the bucket, or gives an existing one these rules instead of those that it had. A shorter retention loses what is older.</summary>
/// <param name="Name">Null when it could not be read; then <see cref="ParseError"/> says why.</param>
/// <param name="Description">As <see cref="Bucket.CheckDescription"/> allows it.</param>
/// <param name="Retention">How long measurements are kept from now on.</param>
/// <param name="Precondition">What must be true of the bucket as it is.</param>
public sealed record SaveBucket(BucketName? Name, string Description, Retention Retention, Precondition Precondition)
    : ICommand<SavedBucket>, IRateLimited, IRequiresAccess, IParsedRequest, IAudited
{
    public Error? ParseError { get; init; }

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.Admin;

    public AuditSubject Subject => new("bucket.save", BucketAudit.Kind, Name!.Value);

    public Error? AuthorizeObjects(Caller caller) => BucketAccess.CheckChange(caller, Name);
}

/// <param name="Bucket">The bucket as it is now.</param>
/// <param name="IsNew">True when it did not exist before.</param>
public sealed record SavedBucket(MeasuredBucket Bucket, bool IsNew);

internal sealed partial class SaveBucketHandler(
    IBucketStore store, BucketUsages usages, ICallerContext context, AuditTrail trail, ILogger<SaveBucketHandler> logger)
    : IRequestHandler<SaveBucket, Result<SavedBucket>>
{
    public async Task<Result<SavedBucket>> Handle(SaveBucket request, CancellationToken cancellationToken)
    {
        var bucket = new Bucket(request.Name!, request.Description, request.Retention);
        var condition = await request.Precondition.ResolveAsync(store, bucket.Name, cancellationToken);
        if (condition.Error is { } unmet)
            return unmet;
        var before = await store.FindAsync(bucket.Name, cancellationToken);
        var saved = await store.SaveAsync(bucket, condition.Value, cancellationToken);
        if (saved.Error is { } failure)
            return failure;
        trail.Tell(saved.Value.IsNew || before.Error is not null ? null : BucketAudit.Describe(before.Value), BucketAudit.Describe(saved.Value.Bucket));
        Log.Saved(logger, bucket.Name, bucket.Retention, context.Caller!.KeyId);
        if (saved.Value.IsNew)
            await usages.ForgetAsync(bucket.Name, cancellationToken);
        return new SavedBucket(await usages.MeasureAsync(saved.Value.Bucket, cancellationToken), saved.Value.IsNew);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Bucket {Bucket} keeps {Retention} from now on, said key {KeyId}")]
        public static partial void Saved(ILogger logger, BucketName bucket, Retention retention, string keyId);
    }
}
