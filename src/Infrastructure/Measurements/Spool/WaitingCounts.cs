using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using IotBackend.Domain.Buckets;

namespace IotBackend.Infrastructure.Measurements.Spool;

/// <summary>How many entries of each bucket wait. Every write asks for it, so nobody waits for anybody here.</summary>
internal sealed class WaitingCounts
{
    private readonly ConcurrentDictionary<BucketName, StrongBox<long>> _counts = new();

    public IReadOnlyCollection<BucketName> Buckets =>
        [.. _counts.Where(count => Interlocked.Read(ref count.Value.Value) > 0).Select(count => count.Key)];

    public long Of(BucketName bucket) => _counts.TryGetValue(bucket, out var count) ? Interlocked.Read(ref count.Value) : 0;

    public void Add(BucketName bucket, long entries) =>
        Interlocked.Add(ref _counts.GetOrAdd(bucket, static _ => new StrongBox<long>()).Value, entries);
}
