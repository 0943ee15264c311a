using IotBackend.Infrastructure.Redis;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace IotBackend.IntegrationTests.Redis;

/// <summary>What a node has of Redis, without the rest of the program.</summary>
internal sealed class RedisNode : IAsyncDisposable
{
    private RedisNode(string configuration, string prefix)
    {
        Prefix = prefix;
        var options = Options.Create(new RedisOptions { Configuration = configuration, KeyPrefix = prefix });
        Connection = new RedisConnection(options, TimeProvider.System, NullLogger<RedisConnection>.Instance);
        Messages = new RedisNodeMessages(Connection, options, TimeProvider.System, NullLogger<RedisNodeMessages>.Instance);
    }

    public string Prefix { get; }

    public RedisConnection Connection { get; }

    public RedisNodeMessages Messages { get; }

    public static async Task<RedisNode> StartAsync(string configuration, string prefix)
    {
        var node = new RedisNode(configuration, prefix);
        await node.Connection.StartAsync(CancellationToken.None);
        await node.Messages.StartAsync(CancellationToken.None);
        return node;
    }

    public Task AnswersAsync() => Hosting.Eventually.TrueAsync(() => Connection.Answers, "Redis answers");

    public Task ConnectedAsync() => Hosting.Eventually.TrueAsync(() => Messages.IsConnected, "messages of other nodes arrive");

    public async ValueTask DisposeAsync()
    {
        await Messages.StopAsync(CancellationToken.None);
        await Connection.StopAsync(CancellationToken.None);
        Messages.Dispose();
        Connection.Dispose();
    }
}
