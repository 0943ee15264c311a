using System.Collections.Concurrent;
using IotBackend.Domain.Access;

namespace IotBackend.Application.Caching;

/// <summary>Counts which queries are asked, so that the most asked ones can be asked again when the cache is empty. What is no longer asked fades.</summary>
public sealed class AskedQueries
{
    /// <summary>The most queries that are kept beyond the end of the process.</summary>
    public const int MaxKept = 100;

    /// <summary>The most queries that are counted at a time.</summary>
    public const int MaxCounted = 4_000;

    private const int MaxAddressLength = 1_000;

    private readonly ConcurrentDictionary<string, Tally> _tallies = new(StringComparer.Ordinal);
    private readonly Lock _adding = new();
    private int _count;

    /// <summary>Somebody asks it.</summary>
    public void Count(in AnswerDeclaration declaration, Caller caller)
    {
        if (_tallies.TryGetValue(declaration.Key, out var tally))
            tally.Add(1);
        else if (declaration.Address is { Length: <= MaxAddressLength } address)
            Add(declaration.Key, new Tally(new AskedQuery(address, caller.Buckets, caller.Devices), 1));
    }

    /// <summary>The most asked first.</summary>
    public IReadOnlyList<CountedQuery> MostAsked(int limit) =>
    [
        .. _tallies.Values.GroupBy(tally => KeyOf(tally.Query), StringComparer.Ordinal)
            .Select(same => new CountedQuery(same.First().Query, same.Sum(tally => tally.Count)))
            .OrderByDescending(counted => counted.Count)
            .ThenBy(counted => counted.Query.Address, StringComparer.Ordinal)
            .Take(limit),
    ];

    /// <summary>Goes on counting where another process ended.</summary>
    public void Restore(IEnumerable<CountedQuery> queries)
    {
        foreach (var (query, count) in queries.Take(MaxKept))
            Add(KeyOf(query), new Tally(query, count));
    }

    /// <summary>Lets all counts shrink by a quarter, and forgets those that come to nothing.</summary>
    public void Fade()
    {
        lock (_adding)
        {
            foreach (var pair in _tallies)
            {
                if (pair.Value.Fade() == 0)
                    Remove(pair);
            }
        }
    }

    private void Add(string key, Tally tally)
    {
        lock (_adding)
        {
            if (!_tallies.TryAdd(key, tally))
                return;
            if (++_count > MaxCounted)
                MakeRoom();
        }
    }

    // Queries that are asked once, such as those with the time of asking in them, must not keep out those that are asked again.
    private void MakeRoom()
    {
        foreach (var rare in _tallies.OrderBy(pair => pair.Value.Count).Take(MaxCounted / 2).ToArray())
            Remove(rare);
    }

    private void Remove(KeyValuePair<string, Tally> pair)
    {
        if (_tallies.TryRemove(pair))
            _count--;
    }

    // What was restored has another key than what is asked, of which the media type is a part too: both are the same query.
    private static string KeyOf(AskedQuery query) => string.Join('\n', [query.Address, query.Devices.Canonical, .. query.Buckets.Select(bucket => bucket.Value)]);

    private sealed class Tally(AskedQuery query, long count)
    {
        private long _count = count;

        public AskedQuery Query => query;

        public long Count => Interlocked.Read(ref _count);

        public void Add(long more) => Interlocked.Add(ref _count, more);

        public long Fade()
        {
            var lost = (Count + 3) / 4;
            return Interlocked.Add(ref _count, -lost);
        }
    }
}

/// <param name="Query">What is asked.</param>
/// <param name="Count">How often of late.</param>
public sealed record CountedQuery(AskedQuery Query, long Count);
