using System.Diagnostics.Metrics;
using IotBackend.Application.Caching;
using IotBackend.Application.Monitoring;
using Microsoft.Extensions.Caching.Memory;
using ZiggyCreatures.Caching.Fusion;
using ZiggyCreatures.Caching.Fusion.Events;

namespace IotBackend.Infrastructure.Caching;

/// <summary>The first level of the cache of answers, bounded in bytes: what was used longest ago makes room.</summary>
internal sealed class AnswerMemory : IAnswerMemory, IDisposable
{
    // How much at a time makes room.
    private const double CompactedShare = 0.1;

    private readonly MemoryCache _cache;
    private readonly Meter _meter = new(Telemetry.Name);
    private long _evicted;

    public AnswerMemory(AnswerCaching settings)
    {
        _cache = new MemoryCache(new MemoryCacheOptions
        {
            SizeLimit = settings.MaxBytes,
            CompactionPercentage = CompactedShare,
            TrackStatistics = true,
        });
        _meter.CreateObservableGauge("iotbackend.cache.entries", () => Entries, "{answer}", "Answers in memory.");
        _meter.CreateObservableGauge("iotbackend.cache.bytes", () => Bytes, "By", "Bytes of answers in memory.");
        _meter.CreateObservableCounter("iotbackend.cache.evicted", () => Evicted, "{answer}", "Answers that made room for others.");
    }

    public IMemoryCache Cache => _cache;

    public long Entries => _cache.GetCurrentStatistics()!.CurrentEntryCount;

    public long Bytes => _cache.GetCurrentStatistics()!.CurrentEstimatedSize ?? 0;

    public long Evicted => Interlocked.Read(ref _evicted);

    public long Clear()
    {
        var count = Entries;
        _cache.Clear();
        return count;
    }

    /// <summary>Counts what makes room in the cache that keeps its entries here.</summary>
    public void Watch(IFusionCache cache) => cache.Events.Memory.Eviction += Count;

    public void Dispose()
    {
        _meter.Dispose();
        _cache.Dispose();
    }

    private void Count(object? sender, FusionCacheEntryEvictionEventArgs eviction)
    {
        if (eviction.Reason == EvictionReason.Capacity)
            Interlocked.Increment(ref _evicted);
    }
}
