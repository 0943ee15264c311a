using IotBackend.Application.Access;
using IotBackend.Application.Access.Audit;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;
using MediatR;

namespace IotBackend.Application.Caching;

/// <summary>Lets the cache forget on every node, so that the next who asks is answered by the store.</summary>
/// <param name="IsAll">Everything; then the lists are empty.</param>
/// <param name="Devices">What depends on these devices, in every bucket that the caller may use.</param>
/// <param name="Buckets">What depends on these buckets.</param>
public sealed record PurgeCache(bool IsAll, IReadOnlyList<string> Devices, IReadOnlyList<BucketName> Buckets)
    : ICommand<PurgedCache>, IRateLimited, IRequiresAccess, IParsedRequest, IAudited
{
    /// <summary>The most devices and buckets of one command.</summary>
    public const int MaxElements = 100;

    /// <summary>Whether it was asked by tags, of which some may be devices.</summary>
    public bool IsByTags { get; init; }

    public Error? ParseError { get; init; }

    public RequestCost Cost => RequestCost.OneRequest;

    public Scopes RequiredScope => Scopes.CacheManage;

    public AuditSubject Subject => new("cache.purge", "cache", IsAll ? "all" : null);

    public Error? AuthorizeObjects(Caller caller)
    {
        if (IsAll && caller.Buckets.Count > 0)
            return new Error(ErrorKind.Forbidden, ErrorCodes.BucketNotAllowed, "The key is limited to some buckets; this is about all of them.");
        if (Buckets.FirstOrDefault(bucket => !caller.MayUse(bucket)) is { } foreign)
            return AccessErrors.CheckBucket(caller, foreign);

        // A bucket as a whole holds the devices of others too.
        if (IsAll || Buckets.Count > 0)
            return AccessErrors.CheckAllDevices(caller);
        return Devices.FirstOrDefault(device => !caller.Devices.Contains(device)) is { } hidden ? AccessErrors.DeviceNotAllowed(hidden) : null;
    }
}

/// <param name="Removed">How many answers this node forgot; null when it is not known, because they are only no longer found.</param>
public sealed record PurgedCache(long? Removed);

internal sealed class PurgeCacheHandler(
    AnswerInvalidation invalidation, IAnswerMemory memory, CacheWarming warming, ICallerContext context, AuditTrail trail)
    : IRequestHandler<PurgeCache, Result<PurgedCache>>
{
    public async Task<Result<PurgedCache>> Handle(PurgeCache request, CancellationToken cancellationToken)
    {
        long? removed = null;
        if (request.IsAll)
        {
            await invalidation.ChangedAsync(null, []);
            removed = memory.Clear();
        }

        foreach (var bucket in request.Buckets)
            await invalidation.ChangedAsync(bucket, []);
        if (request.Devices.Count > 0)
            await PurgeDevicesAsync(request.Devices, context.Caller!.Buckets);
        trail.Tell(null, new { All = request.IsAll, request.Devices, Buckets = request.Buckets.Select(bucket => bucket.Value).ToArray() });
        warming.Ask();
        return new PurgedCache(removed);
    }

    private async ValueTask PurgeDevicesAsync(IReadOnlyList<string> devices, IReadOnlyList<BucketName> buckets)
    {
        if (buckets.Count == 0)
            await invalidation.ChangedAsync(null, devices);
        foreach (var bucket in buckets)
            await invalidation.ChangedAsync(bucket, devices);
    }
}
