using IotBackend.Application;
using IotBackend.Application.Nodes;
using IotBackend.Infrastructure.Redis;
using IotBackend.IntegrationTests.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;
using Xunit;
using ZiggyCreatures.Caching.Fusion;

namespace IotBackend.IntegrationTests.Redis;

/// <summary>What caches of several nodes share.</summary>
public sealed class CacheLevelTests(RedisFixture redis)
{
    private static readonly FusionCacheEntryOptions Long = new FusionCacheEntryOptions(TimeSpan.FromHours(1)).SetSkipBackplaneNotifications(false);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answer_of_one_node_serves_another_and_is_removed_on_both()
    {
        var (server, prefix) = (await redis.ServerAsync(), redis.NewPrefix());
        await using var here = await Node.StartAsync(server.Configuration, prefix);
        await using var there = await Node.StartAsync(server.Configuration, prefix);
        await here.Answers.SetAsync("a", new Answer("1"u8.ToArray(), "text"), Long, token: Cancel);
        await Eventually.TrueAsync(async () => (await there.Answers.TryGetAsync<Answer>("a", token: Cancel)).HasValue, "the other node has it");
        var found = await there.Answers.GetOrDefaultAsync<Answer>("a", token: Cancel);
        Assert.Equal(("1", "text"), (System.Text.Encoding.ASCII.GetString(found!.Bytes), found.Type));
        Assert.Contains($"{prefix}cache:", await server.AskAsync("KEYS *"), StringComparison.Ordinal);

        await here.Answers.RemoveAsync("a", token: Cancel);
        await Eventually.TrueAsync(async () => !(await there.Answers.TryGetAsync<Answer>("a", token: Cancel)).HasValue, "it is gone there");
    }

    [Fact]
    public async Task Default_cache_hears_of_removals_and_puts_nothing_into_redis()
    {
        var (server, prefix) = (await redis.ServerAsync(), redis.NewPrefix());
        await using var here = await Node.StartAsync(server.Configuration, prefix);
        await using var there = await Node.StartAsync(server.Configuration, prefix);
        foreach (var node in new[] { here, there })
            await node.Default.SetAsync("secret", "hash", new FusionCacheEntryOptions(TimeSpan.FromHours(1)).SetSkipBackplaneNotifications(true), token: Cancel);
        await here.Default.RemoveAsync("secret", Long, Cancel);
        await Eventually.TrueAsync(async () => !(await there.Default.TryGetAsync<string>("secret", token: Cancel)).HasValue, "it is gone there");
        Assert.DoesNotContain("secret", await server.AskAsync($"KEYS {prefix}*"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Node_that_joins_and_begins_to_work_takes_nothing_from_the_caches_of_others()
    {
        var (server, prefix) = (await redis.ServerAsync(), redis.NewPrefix());
        await using var here = await Node.StartAsync(server.Configuration, prefix);
        await here.Answers.SetAsync("answer", new Answer("1"u8.ToArray(), "text"), Long, token: Cancel);
        await here.Default.SetAsync("key", "hash", new FusionCacheEntryOptions(TimeSpan.FromHours(1)), token: Cancel);
        await using var listener = await ConnectionMultiplexer.ConnectAsync(server.Configuration);
        var told = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await listener.GetSubscriber().SubscribeAsync(RedisChannel.Pattern($"{prefix}nodes:cache-*"), (channel, bytes) =>
        {
            // Whether the channel stands is asked by nodes with beats, which no cache sees.
            if (NodeMessageFrame.TryDecode(bytes, out var frame) && frame.Kind != NodeMessageKind.Beat)
                told.Enqueue($"{frame.Kind} on {channel}: {System.Text.Encoding.Latin1.GetString(frame.Payload.Span)}");
        });

        await using var there = await Node.StartAsync(server.Configuration, prefix);
        Assert.Equal("new", await there.Default.GetOrSetAsync<string>("another", (_, _) => Task.FromResult("new"), token: Cancel));
        await there.Default.TryGetAsync<string>("key", token: Cancel);
        await there.Answers.TryGetAsync<Answer>("answer", token: Cancel);
        await Eventually.PauseAsync(TimeSpan.FromSeconds(2));

        Assert.Empty(told);
        Assert.True((await here.Default.TryGetAsync<string>("key", token: Cancel)).HasValue, "The default cache lost an entry.");
        Assert.True((await here.Answers.TryGetAsync<Answer>("answer", token: Cancel)).HasValue, "The cache of answers lost an entry.");
    }

    [Fact]
    public async Task Cache_keeps_its_first_level_and_waits_for_nothing_while_redis_hangs()
    {
        await using var server = await RedisServer.StartAsync();
        await using var node = await Node.StartAsync(server.Configuration, "cache:");
        await node.Answers.SetAsync("before", "1", Long, token: Cancel);
        await server.SuspendAsync();
        var longest = TimeSpan.Zero;
        for (var i = 0; i < 100; i++)
        {
            var began = TimeProvider.System.GetTimestamp();
            Assert.Equal("1", await node.Answers.GetOrDefaultAsync<string>("before", token: Cancel));
            Assert.Equal("2", await node.Answers.GetOrSetAsync<string>($"new-{i}", (_, _) => Task.FromResult("2"), Long, token: Cancel));
            var took = TimeProvider.System.GetElapsedTime(began);
            longest = took > longest ? took : longest;
        }

        // Two questions, each for the bound at most, and what a busy machine takes to wake whoever waits.
        Assert.InRange(longest, TimeSpan.Zero, 2 * RedisConnection.Patience + TimeSpan.FromMilliseconds(900));
        await server.ResumeAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                await node.Answers.SetAsync("after", "3", Long, token: Cancel);
                return (await server.AskAsync("KEYS cache:*")).Contains("after", StringComparison.Ordinal);
            },
            "the second level is used again");
    }

    [Fact]
    public async Task Entry_of_version_1_is_read_and_one_of_another_version_is_made_anew()
    {
        var (server, prefix) = (await redis.ServerAsync(), redis.NewPrefix());
        await using var node = await Node.StartAsync(server.Configuration, prefix);
        await using var past = await ConnectionMultiplexer.ConnectAsync(server.Configuration);
        const string Entry = """{"Value":{"Bytes":"MQ==","Type":"text"},"Timestamp":639313526328720207,"LogicalExpirationTimestamp":662380416000000000,"Tags":null,"Metadata":null}""";
        foreach (var (key, value) in new[] { ("known", Entry), ("more", Entry.Replace("\"Tags\"", "\"Later\":1,\"Tags\"", StringComparison.Ordinal)), ("other", "[1]"), ("garbage", "\u0001\u0002") })
            await past.GetDatabase().StringSetAsync($"{prefix}cache:v2:{key}", value);

        Assert.Equal("text", (await node.Answers.GetOrDefaultAsync<Answer>("known", token: Cancel))?.Type);
        Assert.Equal("text", (await node.Answers.GetOrDefaultAsync<Answer>("more", token: Cancel))?.Type);
        foreach (var key in new[] { "other", "garbage" })
        {
            var made = await node.Answers.GetOrSetAsync<Answer>(key, (_, _) => Task.FromResult(new Answer([], "made")), token: Cancel);
            Assert.Equal("made", made.Type);
        }
    }

    internal sealed record Answer(byte[] Bytes, string Type);

    /// <summary>The caches as the program registers them, with one of the name that answers have.</summary>
    private sealed class Node : IAsyncDisposable
    {
        private readonly ServiceProvider _services;

        private Node(ServiceProvider services) => _services = services;

        public IFusionCache Default => _services.GetRequiredService<IFusionCache>();

        public IFusionCache Answers => _services.GetRequiredService<IFusionCacheProvider>().GetCache(RedisCacheLevels.Answers);

        public static async Task<Node> StartAsync(string configuration, string prefix)
        {
            var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddApplication();
            services.AddRedis(new ConfigurationBuilder()
                .AddInMemoryCollection(new Dictionary<string, string?> { ["Redis:Configuration"] = configuration, ["Redis:KeyPrefix"] = prefix })
                .Build());
            services.AddFusionCache(RedisCacheLevels.Answers).WithAllRegisteredPlugins();
            var node = new Node(services.BuildServiceProvider());
            _ = (node.Default, node.Answers);
            foreach (var hosted in node._services.GetServices<IHostedService>())
                await hosted.StartAsync(CancellationToken.None);
            await Eventually.TrueAsync(() => node._services.GetRequiredService<INodeMessages>().IsConnected, "messages of other nodes arrive");
            return node;
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var hosted in _services.GetServices<IHostedService>())
                await hosted.StopAsync(CancellationToken.None);
            await _services.DisposeAsync();
        }
    }
}
