using System.Globalization;
using IotBackend.Application.Access;
using IotBackend.Application.Access.Audit;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;
using MediatR;
using Microsoft.Extensions.Logging;

namespace IotBackend.Application.Buckets;

/// <summary>Deletes a bucket with all that it holds, for ever.</summary>
/// <param name="Name">Null when it could not be read; then <see cref="ParseError"/> says why.</param>
/// <param name="Confirmation">The bucket's name once more; anything else is answered with what would be lost.</param>
/// <param name="Precondition">What must be true of the bucket as it is.</param>
public sealed record DeleteBucket(BucketName? Name, string? Confirmation, Precondition Precondition)
    : ICommand<Bucket>, IRateLimited, IRequiresAccess, IParsedRequest, IAudited
{
    public Error? ParseError { get; init; }

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.Admin;

    public AuditSubject Subject => new("bucket.delete", BucketAudit.Kind, Name!.Value);

    public Error? AuthorizeObjects(Caller caller) => BucketAccess.CheckChange(caller, Name);
}

internal sealed partial class DeleteBucketHandler(
    IBucketStore store, BucketUsages usages, ICallerContext context, AuditTrail trail, ILogger<DeleteBucketHandler> logger)
    : IRequestHandler<DeleteBucket, Result<Bucket>>
{
    private static readonly Error AlwaysExists =
        new(ErrorKind.Conflict, ErrorCodes.Conflict, $"The bucket '{BucketName.Default}' always exists; it can be changed, not deleted.");

    public async Task<Result<Bucket>> Handle(DeleteBucket request, CancellationToken cancellationToken)
    {
        var name = request.Name!;
        if (name == BucketName.Default)
            return AlwaysExists;
        if (request.Confirmation != name.Value)
            return await AskAsync(name, cancellationToken);
        var condition = await request.Precondition.ResolveAsync(store, name, cancellationToken);
        if (condition.Error is { } unmet)
            return unmet;
        var deleted = await store.DeleteAsync(name, condition.Value, cancellationToken);
        if (deleted.IsSuccess)
        {
            trail.Tell(BucketAudit.Describe(deleted.Value), null);
            Log.Deleted(logger, name, context.Caller!.KeyId);
            await usages.ForgetAsync(name, cancellationToken);
        }

        return deleted;
    }

    private async Task<Result<Bucket>> AskAsync(BucketName name, CancellationToken cancellationToken)
    {
        var found = await store.FindAsync(name, cancellationToken);
        if (found.Error is { } failure)
            return failure;

        // Looked at now: figures of some seconds ago could call a bucket empty that is not.
        await usages.ForgetAsync(name, cancellationToken);
        var (_, usage) = await usages.MeasureAsync(found.Value, cancellationToken);
        return new Error(
            ErrorKind.Invalid,
            ErrorCodes.ConfirmationRequired,
            $"This would delete the bucket '{name}' with {Describe(usage)}, for ever. "
            + $"To do it, send ?confirm={Uri.EscapeDataString(name.Value)} along.")
        {
            Details = DetailsOf(usage),
        };
    }

    private static string Describe(BucketUsage usage) => usage.Measurements switch
    {
        null => "all that it holds",
        1 => "its only measurement",
        { } count => string.Create(CultureInfo.InvariantCulture, $"its {count:N0} measurements"),
    };

    private static Dictionary<string, object> DetailsOf(BucketUsage usage)
    {
        var details = new Dictionary<string, object>();
        if (usage.Measurements is { } measurements)
            details["measurements"] = measurements;
        if (usage.Bytes is { } bytes)
            details["bytes"] = bytes;
        return details;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Bucket {Bucket} is deleted with all that it held, said key {KeyId}")]
        public static partial void Deleted(ILogger logger, BucketName bucket, string keyId);
    }
}
