using IotBackend.Domain.Access;
using IotBackend.Domain.Results;

namespace IotBackend.Application.Caching;

/// <summary>Asks the most asked queries again, one at a time.</summary>
public sealed class CacheWarmer(AskedQueries asked, IQueryRunner runner)
{
    /// <summary>The most queries that are asked again at once.</summary>
    public const int MaxQueries = 50;

    // Not a key, and so without a key's limits.
    private const string Name = "cache warming";

    /// <param name="isMeant">Which of the most asked are asked again.</param>
    /// <param name="cancellationToken">Stops after the current one.</param>
    public async Task<WarmedCache> WarmAsync(Func<AskedQuery, bool> isMeant, CancellationToken cancellationToken)
    {
        var warmed = 0;
        List<FailedQuery> failed = [];
        foreach (var (query, _) in asked.MostAsked(AskedQueries.MaxCounted).Where(counted => isMeant(counted.Query)).Take(MaxQueries))
        {
            // With their sight who asked it; other answers than theirs would serve nobody.
            var caller = new Caller(string.Empty, Name, Scopes.MeasurementsRead, Tier.Unlimited.Name, query.Buckets, query.Devices, []);
            if (await runner.RunAsync(query.Address, caller, cancellationToken) is { } error)
                failed.Add(new FailedQuery(query.Address, error));
            else
                warmed++;
        }

        return new WarmedCache(warmed, failed);
    }

    /// <summary>Asks these, in the caller's name.</summary>
    public async Task<WarmedCache> WarmAsync(IReadOnlyList<string> addresses, Caller caller, CancellationToken cancellationToken)
    {
        var warmed = 0;
        List<FailedQuery> failed = [];
        foreach (var address in addresses)
        {
            if (await runner.RunAsync(address, caller, cancellationToken) is { } error)
                failed.Add(new FailedQuery(address, error));
            else
                warmed++;
        }

        return new WarmedCache(warmed, failed);
    }
}

/// <param name="Warmed">Queries whose answers are in the cache now.</param>
/// <param name="Failed">Those that could not be answered.</param>
public sealed record WarmedCache(int Warmed, IReadOnlyList<FailedQuery> Failed);

/// <param name="Address">Path and query.</param>
/// <param name="Error">Why it could not be answered.</param>
public sealed record FailedQuery(string Address, Error Error);
