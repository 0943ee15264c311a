using IotBackend.Application.Nodes;
using ZiggyCreatures.Caching.Fusion;
using ZiggyCreatures.Caching.Fusion.Backplane;

namespace IotBackend.Infrastructure.Redis;

/// <summary>
/// A cache's backplane on the messages between nodes: it never waits, and it stands again by itself, also when Redis was away at the start.
/// (The package for Redis has a connection of its own or disposes the one it is given, and subscribes only once.)
/// </summary>
internal sealed class NodeMessagesBackplane(INodeMessages messages) : IFusionCacheBackplane
{
    private string _topic = string.Empty;
    private IDisposable? _subscription;

    /// <summary>Where the nodes' caches of a name tell each other what has changed.</summary>
    public static string TopicOf(string cacheName) => "cache-" + cacheName;

    public void Subscribe(BackplaneSubscriptionOptions options)
    {
        _topic = TopicOf(options.CacheName);
        _subscription = messages.Subscribe(
            _topic,
            bytes => Receive(bytes, options),
            () => options.ConnectHandler?.Invoke(new BackplaneConnectionInfo(isReconnection: true)));
        options.ConnectHandler?.Invoke(new BackplaneConnectionInfo(isReconnection: false));
    }

    public ValueTask SubscribeAsync(BackplaneSubscriptionOptions options)
    {
        Subscribe(options);
        return ValueTask.CompletedTask;
    }

    public void Unsubscribe()
    {
        _subscription?.Dispose();
        _subscription = null;
    }

    public ValueTask UnsubscribeAsync()
    {
        Unsubscribe();
        return ValueTask.CompletedTask;
    }

    public void Publish(BackplaneMessage message, FusionCacheEntryOptions options, CancellationToken token = default) =>
        messages.Publish(_topic, BackplaneMessage.ToByteArray(message));

    public ValueTask PublishAsync(BackplaneMessage message, FusionCacheEntryOptions options, CancellationToken token = default)
    {
        Publish(message, options, token);
        return ValueTask.CompletedTask;
    }

    // Not on the thread that brings the messages: with a second level the cache reads there.
    private static void Receive(ReadOnlyMemory<byte> bytes, BackplaneSubscriptionOptions options)
    {
        if (TryRead(bytes) is { } message)
            _ = Task.Run(async () => await (options.IncomingMessageHandlerAsync?.Invoke(message) ?? ValueTask.CompletedTask));
    }

    // A neighbouring version of the cache may use another format.
    private static BackplaneMessage? TryRead(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return BackplaneMessage.FromByteArray(bytes.ToArray());
        }
#pragma warning disable CA1031 // What the package does not understand shows in exceptions of several kinds.
        catch (Exception)
#pragma warning restore CA1031
        {
            return null;
        }
    }
}
