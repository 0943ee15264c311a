using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using IotBackend.Infrastructure.Redis;
using IotBackend.IntegrationTests.Hosting;
using StackExchange.Redis;
using Xunit;

namespace IotBackend.IntegrationTests.Redis;

public sealed class NodeMessagesTests(RedisFixture redis)
{
    private const string Topic = "things";

    [Fact]
    public async Task Message_reaches_all_other_nodes_in_order_and_not_its_sender()
    {
        var (server, prefix) = (await redis.ServerAsync(), redis.NewPrefix());
        await using var here = await Listener.StartAsync(server.Configuration, prefix);
        await using var there = await Listener.StartAsync(server.Configuration, prefix);
        await using var elsewhere = await Listener.StartAsync(server.Configuration, redis.NewPrefix());
        var sent = Enumerable.Range(0, 1_000).Select(i => i.ToString(CultureInfo.InvariantCulture)).ToArray();
        foreach (var text in sent)
            here.Publish(text);
        await Eventually.TrueAsync(() => there.Heard.Count == sent.Length, "all messages came");
        Assert.Equal(sent, there.Heard);
        Assert.Empty(here.Heard);
        Assert.Empty(elsewhere.Heard);
        Assert.Equal(0, here.Node.Messages.Dropped);
    }

    [Fact]
    public async Task Message_of_another_version_is_left_alone_and_the_next_is_heard()
    {
        var (server, prefix) = (await redis.ServerAsync(), redis.NewPrefix());
        await using var here = await Listener.StartAsync(server.Configuration, prefix);
        await using var there = await Listener.StartAsync(server.Configuration, prefix);
        await using var past = await ConnectionMultiplexer.ConnectAsync(server.Configuration);
        var newer = new NodeMessageFrame(NodeMessageKind.Message, Guid.NewGuid(), "new"u8.ToArray()).Encode();
        newer[0] = 2;
        var newerKind = new NodeMessageFrame((NodeMessageKind)7, Guid.NewGuid(), "new"u8.ToArray()).Encode();
        foreach (var bytes in new[] { newer, newerKind, "x"u8.ToArray(), [] })
            await past.GetSubscriber().PublishAsync(RedisChannel.Literal($"{prefix}nodes:{Topic}"), bytes);
        here.Publish("old");
        await Eventually.TrueAsync(() => there.Heard.Count == 1, "the known one is heard");
        Assert.Equal(["old"], there.Heard);
        Assert.Equal(4, there.Node.Messages.NotUnderstood);
        Assert.True(there.Node.Messages.IsConnected);
    }

    [Fact]
    public async Task Subscriber_that_fails_does_not_end_the_listening()
    {
        var (server, prefix) = (await redis.ServerAsync(), redis.NewPrefix());
        await using var here = await Listener.StartAsync(server.Configuration, prefix);
        await using var there = await Listener.StartAsync(server.Configuration, prefix);
        using var failing = there.Node.Messages.Subscribe(Topic, _ => throw new InvalidOperationException("a bug"), () => { });
        here.Publish("1");
        here.Publish("2");
        await Eventually.TrueAsync(() => there.Heard.Count == 2, "both are heard");
    }

    [Fact]
    public async Task Whoever_was_cut_off_is_told_that_it_has_missed_something()
    {
        await using var server = await RedisServer.StartAsync();
        await using var proxy = FaultProxy.Start(new Uri($"http://127.0.0.1:{server.Port}"));
        await using var here = await Listener.StartAsync(server.Configuration, "cut:");
        await using var there = await Listener.StartAsync(RedisServer.At(proxy.Url.Port), "cut:");
        var missed = there.Missed;

        // A cut so short that nobody sees it from outside.
        proxy.Cut();
        await Eventually.TrueAsync(() => there.Missed > missed, "it is told");
        await there.Node.ConnectedAsync();

        // One in which nothing tells it: bytes are lost.
        missed = there.Missed;
        proxy.BreakAnswers(LinkFault.BlackHole);
        await Eventually.TrueAsync(() => !there.Node.Messages.IsConnected, "it notices");
        here.Publish("lost");
        proxy.Heal();
        await Eventually.TrueAsync(() => there.Missed > missed, "it is told");
        await there.Node.ConnectedAsync();
        here.Publish("after");
        await Eventually.TrueAsync(() => there.Heard.Contains("after"), "messages arrive again");
    }

    [Fact]
    public async Task What_could_not_be_sent_others_count_as_missed()
    {
        await using var server = await RedisServer.StartAsync();
        await using var proxy = FaultProxy.Start(new Uri($"http://127.0.0.1:{server.Port}"));
        await using var here = await Listener.StartAsync(RedisServer.At(proxy.Url.Port), "unsent:");
        await using var there = await Listener.StartAsync(server.Configuration, "unsent:");
        proxy.Refuse();
        await Eventually.TrueAsync(() => !here.Node.Messages.IsConnected, "the sender notices");
        var missed = there.Missed;
        here.Publish("lost");
        await Eventually.TrueAsync(() => here.Node.Messages.Dropped == 1, "it is not sent");
        Assert.True(there.Node.Messages.IsConnected);
        proxy.Heal();
        await Eventually.TrueAsync(() => there.Missed > missed, "the others are told");
        Assert.Empty(there.Heard);
        await here.Node.ConnectedAsync();
        here.Publish("after");
        await Eventually.TrueAsync(() => there.Heard.Count == 1, "messages arrive again");

        // Once by who could not send; and if that took so long that it fell silent, once for that, and once when it was back.
        Assert.InRange(there.Missed - missed, 1, 3);
    }

    [Fact]
    public async Task Node_that_falls_silent_counts_as_missed_until_it_is_back()
    {
        await using var server = await RedisServer.StartAsync();
        await using var proxy = FaultProxy.Start(new Uri($"http://127.0.0.1:{server.Port}"));
        await using var here = await Listener.StartAsync(RedisServer.At(proxy.Url.Port), "silent:");
        await using var there = await Listener.StartAsync(server.Configuration, "silent:");
        await MetAsync(here, there);
        var missed = there.Missed;

        proxy.Refuse();

        await Eventually.TrueAsync(() => there.Missed == missed + 1, "the other is missed");
        Assert.False(there.Node.Messages.IsConnected);
        Assert.False(there.Node.Messages.HearsPeers);
        proxy.Heal();
        await there.Node.ConnectedAsync();
        Assert.True(there.Missed > missed + 1, "It counts as heard again before what it could not tell was told as missed.");
    }

    [Fact]
    public async Task Node_that_takes_leave_does_not()
    {
        var (server, prefix) = (await redis.ServerAsync(), redis.NewPrefix());
        await using var there = await Listener.StartAsync(server.Configuration, prefix);
        var here = await Listener.StartAsync(server.Configuration, prefix);
        await MetAsync(here, there);
        var missed = there.Missed;

        await here.DisposeAsync();

        await Eventually.PauseAsync(NodePeers.SilentAfter + TimeSpan.FromSeconds(2));
        Assert.Equal(missed, there.Missed);
        Assert.True(there.Node.Messages.IsConnected);
    }

    [Fact]
    public async Task Missed_messages_are_told_before_a_node_counts_as_connected_again()
    {
        await using var server = await RedisServer.StartAsync();
        await using var proxy = FaultProxy.Start(new Uri($"http://127.0.0.1:{server.Port}"));
        await using var node = await Listener.StartAsync(RedisServer.At(proxy.Url.Port), "order:");
        var connectedWhenTold = new ConcurrentQueue<bool>();
        using var listening = node.Node.Messages.Subscribe(Topic, _ => { }, () => connectedWhenTold.Enqueue(node.Node.Messages.IsConnected));

        proxy.Cut();

        await Eventually.TrueAsync(() => !connectedWhenTold.IsEmpty, "it is told");
        Assert.DoesNotContain(true, connectedWhenTold);
        await node.Node.ConnectedAsync();
    }

    [Theory]
    [InlineData("hang")]
    [InlineData("kill")]
    public async Task Server_that_comes_back_brings_messages_again(string fault)
    {
        await using var server = await RedisServer.StartAsync();
        await using var here = await Listener.StartAsync(server.Configuration, "back:");
        await using var there = await Listener.StartAsync(server.Configuration, "back:");
        var missed = there.Missed;
        await (fault == "hang" ? server.SuspendAsync() : server.KillAsync());
        await Eventually.TrueAsync(() => !there.Node.Messages.IsConnected && !here.Node.Messages.IsConnected, "both notice");
        var began = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < 1_000; i++)
            here.Publish("lost");
        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(5));
        await (fault == "hang" ? server.ResumeAsync() : server.RestartAsync());
        await here.Node.ConnectedAsync();
        await there.Node.ConnectedAsync();
        await Eventually.TrueAsync(() => there.Missed > missed, "what was missed is told");
        here.Publish("after");
        await Eventually.TrueAsync(() => there.Heard.Contains("after"), "messages arrive again");
    }

    [Fact]
    public async Task Server_that_starts_after_the_node_is_found()
    {
        await using var server = await RedisServer.StartAsync();
        await server.KillAsync();
        await using var here = await Listener.StartAsync(server.Configuration, "late:", isThere: false);
        Assert.False(here.Node.Messages.IsConnected);
        here.Publish("nobody hears it");
        await server.RestartAsync();
        await here.Node.ConnectedAsync();
        await using var there = await Listener.StartAsync(server.Configuration, "late:");
        here.Publish("heard");
        await Eventually.TrueAsync(() => there.Heard.Contains("heard"), "it is heard");
    }

    // A message shows that they hear each other; within a second each has told that it lives.
    private static async Task MetAsync(Listener here, Listener there)
    {
        here.Publish("hello");
        await Eventually.TrueAsync(() => there.Heard.Contains("hello"), "they hear each other");
        await Eventually.PauseAsync(TimeSpan.FromSeconds(2));
    }

    private sealed class Listener : IAsyncDisposable
    {
        private readonly IDisposable _subscription;
        private int _missed;

        private Listener(RedisNode node)
        {
            Node = node;
            _subscription = node.Messages.Subscribe(
                Topic, message => Heard.Enqueue(Encoding.UTF8.GetString(message.Span)), () => Interlocked.Increment(ref _missed));
        }

        public RedisNode Node { get; }

        public ConcurrentQueue<string> Heard { get; } = new();

        public int Missed => Volatile.Read(ref _missed);

        public static async Task<Listener> StartAsync(string configuration, string prefix, bool isThere = true)
        {
            var listener = new Listener(await RedisNode.StartAsync(configuration, prefix));
            if (isThere)
                await listener.Node.ConnectedAsync();
            return listener;
        }

        public void Publish(string text) => Node.Messages.Publish(Topic, Encoding.UTF8.GetBytes(text));

        public async ValueTask DisposeAsync()
        {
            _subscription.Dispose();
            await Node.DisposeAsync();
        }
    }
}
