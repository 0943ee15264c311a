using System.Collections.Concurrent;
using IotBackend.Application.ApiKeys;

namespace IotBackend.Application.Access.Usage;

/// <summary>
/// Counts in memory what keys use, and adds it to the store now and then. What can not be stored is kept and tried again; what is asked for
/// includes what is not stored yet.
/// </summary>
public sealed class UsageMeter(IUsageStore store, TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<Place, Cell> _cells = new();

    // Held while something is on its way to the store, so that nobody sees it there and here, or nowhere.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private Dictionary<Place, UsageCounts> _unsaved = [];

    public void Add(string keyId, UsageCounts counts)
    {
        var place = new Place(keyId, time.GetUtcNow().UtcTicks / TimeSpan.TicksPerHour);
        while (!_cells.GetOrAdd(place, static _ => new Cell()).TryAdd(counts))
        {
            // It was just collected; the next one is another.
        }
    }

    /// <summary>Stores what was counted.</summary>
    /// <exception cref="KeyStoreUnavailableException">It can not be stored now; it is kept, and goes with the next attempt.</exception>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            Collect();
            if (_unsaved.Count == 0)
                return;
            await store.AddAsync(InPeriods(), cancellationToken);
            _unsaved = [];
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>What a key used in the periods of a length that begin in a range of time, the newest first; periods without use are left out.</summary>
    /// <exception cref="KeyStoreUnavailableException">The store can not be asked now.</exception>
    public async Task<IReadOnlyList<KeyUsage>> ReadAsync(string keyId, int hours, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            Collect();
            var stored = await store.ReadAsync(keyId, hours, from, to, cancellationToken);
            var unsaved = InPeriods().Where(usage => usage.KeyId == keyId && usage.Period.Hours == hours && usage.Period.From >= from && usage.Period.From < to);
            return [.. Sum(stored.Concat(unsaved)).OrderByDescending(usage => usage.Period.From)];
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private static IEnumerable<KeyUsage> Sum(IEnumerable<KeyUsage> usages) => usages
        .GroupBy(usage => (usage.KeyId, usage.Period))
        .Select(group => new KeyUsage(group.Key.KeyId, group.Key.Period, group.Aggregate(default(UsageCounts), (sum, usage) => sum + usage.Counts)));

    private void Collect()
    {
        foreach (var entry in _cells)
        {
            _cells.TryRemove(entry);
            _unsaved[entry.Key] = _unsaved.GetValueOrDefault(entry.Key) + entry.Value.Close();
        }
    }

    private List<KeyUsage> InPeriods() =>
    [
        .. Sum(
            from entry in _unsaved
            let start = new DateTimeOffset(entry.Key.Hour * TimeSpan.TicksPerHour, TimeSpan.Zero)
            from hours in new[] { UsagePeriod.Hour, UsagePeriod.Day }
            select new KeyUsage(entry.Key.KeyId, UsagePeriod.Of(hours, start), entry.Value)),
    ];

    /// <param name="KeyId">The key.</param>
    /// <param name="Hour">Number of the hour.</param>
    private readonly record struct Place(string KeyId, long Hour);

    private sealed class Cell
    {
        private readonly Lock _lock = new();
        private UsageCounts _counts;
        private bool _isClosed;

        public bool TryAdd(UsageCounts counts)
        {
            lock (_lock)
            {
                if (_isClosed)
                    return false;
                _counts += counts;
                return true;
            }
        }

        public UsageCounts Close()
        {
            lock (_lock)
            {
                _isClosed = true;
                return _counts;
            }
        }
    }
}
