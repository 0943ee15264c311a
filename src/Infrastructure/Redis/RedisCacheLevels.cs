using IotBackend.Application.Nodes;
using Microsoft.Extensions.Options;
using ZiggyCreatures.Caching.Fusion;
using ZiggyCreatures.Caching.Fusion.Plugins;
using ZiggyCreatures.Caching.Fusion.Serialization.SystemTextJson;

namespace IotBackend.Infrastructure.Redis;

/// <summary>
/// Connects caches to those of other nodes: all hear what is removed elsewhere, and the cache of answers has a second level that all nodes share.
/// The default cache has none, because it holds what must not leave the process: hashes of secrets.
/// </summary>
internal sealed class RedisCacheLevels(RedisConnection connection, INodeMessages messages, IOptions<RedisOptions> options, TimeProvider time) : IFusionCachePlugin
{
    /// <summary>The name of the cache of answers.</summary>
    public const string Answers = "answers";

    public void Start(IFusionCache cache)
    {
        var entries = cache.DefaultEntryOptions;
        entries.AllowBackgroundBackplaneOperations = true;
        if (cache.CacheName == Answers)
        {
            entries.AllowBackgroundDistributedCacheOperations = true;
            entries.DistributedCacheSoftTimeout = RedisConnection.Patience;
            entries.DistributedCacheHardTimeout = RedisConnection.Patience;

            // What a neighbouring version has put there in another form is as good as nothing.
            entries.ReThrowSerializationExceptions = false;
            cache.SetupDistributedCache(new RedisSecondLevel(connection, options.Value.KeyPrefix + "cache:", time), new FusionCacheSystemTextJsonSerializer());
        }
        else
        {
            // Without a second level nothing is gained by telling what was put in; who removes for all says so.
            entries.SkipBackplaneNotifications = true;
        }

        cache.SetupBackplane(new NodeMessagesBackplane(messages));
    }

    public void Stop(IFusionCache cache)
    {
        // The cache lets go of both itself.
    }
}
