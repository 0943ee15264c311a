using Microsoft.Extensions.Caching.Distributed;
using StackExchange.Redis;

namespace IotBackend.Infrastructure.Redis;

/// <summary>The level of the cache that all nodes share. Entries are the bytes that the cache makes of them, under its keys, with their lifetime.</summary>
internal sealed class RedisSecondLevel(RedisConnection connection, string prefix, TimeProvider time) : IDistributedCache
{
    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default) =>
        await connection.AskAsync(static (database, key) => database.StringGetAsync(key), KeyOf(key));

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) => connection.AskAsync(
        static (database, entry) => database.StringSetAsync(entry.Key, entry.Value, entry.Lifetime), (Key: KeyOf(key), Value: value, Lifetime: LifetimeOf(options)));

    public Task RemoveAsync(string key, CancellationToken token = default) =>
        connection.AskAsync(static (database, key) => database.KeyDeleteAsync(key), KeyOf(key));

    /// <summary>The cache does not use it: entries end at a fixed time.</summary>
    public Task RefreshAsync(string key, CancellationToken token = default) => Task.CompletedTask;

    public byte[]? Get(string key) => GetAsync(key).GetAwaiter().GetResult();

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => SetAsync(key, value, options).GetAwaiter().GetResult();

    public void Remove(string key) => RemoveAsync(key).GetAwaiter().GetResult();

    public void Refresh(string key)
    {
        // See above.
    }

    private RedisKey KeyOf(string key) => prefix + key;

    private TimeSpan LifetimeOf(DistributedCacheEntryOptions options)
    {
        var lifetime = options.AbsoluteExpirationRelativeToNow ?? (options.AbsoluteExpiration - time.GetUtcNow()) ?? TimeSpan.FromDays(1);

        // What has ended already is kept for the least time that there is.
        return lifetime > TimeSpan.FromMilliseconds(1) ? lifetime : TimeSpan.FromMilliseconds(1);
    }
}
