using IotBackend.Application.Measurements.Live;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace IotBackend.UnitTests.Measurements.Live;

/// <summary>What one is told who has watched before, on the same node or another.</summary>
public sealed class LiveResumingTests : IDisposable
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(500);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 20, 44, 0, TimeSpan.Zero));
    private readonly ConnectedNodes _nodes = new();
    private readonly LiveFeed _a;
    private readonly LiveFeed _b;

    public LiveResumingTests() => (_a, _b) = (NewFeed(16 << 20), NewFeed(16 << 20));

    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
    }

    [Fact]
    public async Task On_the_same_node_nothing_is_missing_and_nothing_twice()
    {
        var last = await WatchAsync(_a, 10);
        for (var i = 10; i < 15; i++)
            Store(i % 2 == 0 ? _a : _b, i);

        await using var resumed = Resume(_a, last);

        Assert.Equal(Enumerable.Range(10, 5), (await resumed.NextAsync(5)).Select(LiveFeedTests.ValueOf));
        Assert.True(resumed.IsWaiting());
    }

    [Fact]
    public async Task On_another_node_nothing_is_missing_and_only_a_moment_comes_twice()
    {
        var last = await WatchAsync(_a, 30);
        for (var i = 30; i < 35; i++)
            Store(i % 2 == 0 ? _a : _b, i);

        await using var resumed = Resume(_b, last);

        var first = LiveFeedTests.ValueOf(await resumed.NextAsync());
        Assert.InRange(first, 20, 29);
        Assert.Equal(Enumerable.Range(first + 1, 34 - first), (await resumed.NextAsync(34 - first)).Select(LiveFeedTests.ValueOf));
    }

    [Fact]
    public async Task Who_comes_back_too_late_is_told_of_the_gap()
    {
        var last = await WatchAsync(_a, 3);
        for (var passed = TimeSpan.Zero; passed < LiveFeed.Linger * 2; passed += LiveFeed.Renewal)
            _time.Advance(LiveFeed.Renewal);
        Store(_a, 3);

        await using var same = Resume(_a, last);
        await using var other = Resume(_b, last);
        Store(_a, 4);

        Assert.Equal(LiveEventKind.Gap, (await same.NextAsync()).Kind);
        Assert.Equal(LiveEventKind.Gap, (await other.NextAsync()).Kind);
        Assert.Equal((4, 4), (LiveFeedTests.ValueOf(await same.NextAsync()), LiveFeedTests.ValueOf(await other.NextAsync())));
    }

    [Fact]
    public async Task What_has_left_the_buffer_is_a_gap()
    {
        using var small = NewFeed(2_000);
        var last = await WatchAsync(small, 3);
        for (var i = 3; i < 100; i++)
            Store(small, i);

        await using var resumed = Resume(small, last);

        Assert.Equal(LiveEventKind.Gap, (await resumed.NextAsync()).Kind);
        var first = LiveFeedTests.ValueOf(await resumed.NextAsync());
        Assert.InRange(first, 50, 99);
        Assert.Equal(Enumerable.Range(first + 1, 99 - first), (await resumed.NextAsync(99 - first)).Select(LiveFeedTests.ValueOf));
    }

    [Fact]
    public async Task Id_of_a_node_that_is_gone_or_was_made_up_is_a_gap_and_goes_on_from_now()
    {
        var node = (await WatchAsync(_a, 1)).Node;
        LiveEventId[] ids = [new(0, "ffffffff", 5), new(0, node, 1_000_000), new(long.MaxValue, node, long.MaxValue - 1)];
        foreach (var id in ids)
        {
            await using var resumed = Resume(_a, id);
            Assert.Equal(LiveEventKind.Gap, (await resumed.NextAsync()).Kind);
        }
    }

    [Fact]
    public async Task Position_goes_on_while_nothing_matches()
    {
        await using var reader = new LiveReader(_a.Subscribe(LiveFeedTests.All() with { Devices = ["other"] }, null));
        var before = reader.Subscription.Position;
        for (var i = 0; i < 10; i++)
            Store(_a, i);
        Assert.True(reader.IsWaiting());
        Assert.Equal(before.Number + 10, reader.Subscription.Position.Number);
        await using var resumed = Resume(_a, reader.Subscription.Position);
        Store(_a, 10);
        Assert.Equal(10, LiveFeedTests.ValueOf(await resumed.NextAsync()));
    }

    [Theory]
    [InlineData("1764013440125-0a1b2c3d-17", true)]
    [InlineData("0-a-0", true)]
    [InlineData("", false)]
    [InlineData("1-2", false)]
    [InlineData("1--2", false)]
    [InlineData("x-a-1", false)]
    [InlineData("1-a-x", false)]
    [InlineData("1-a-2-3", false)]
    [InlineData("99999999999999999999-a-1", false)]
    public void Id_is_read_as_it_is_written(string text, bool isOne) => Assert.Equal(isOne ? text : null, LiveEventId.TryParse(text)?.ToString());

    private static LiveReader Resume(LiveFeed feed, LiveEventId after) => new(feed.Subscribe(LiveFeedTests.All(), after));

    private void Store(LiveFeed feed, int value)
    {
        _time.Advance(Moment);
        LiveFeedTests.Store(feed, value);
    }

    // Watches so many, and goes.
    private async Task<LiveEventId> WatchAsync(LiveFeed feed, int count)
    {
        await using var reader = new LiveReader(feed.Subscribe(LiveFeedTests.All(), null));
        for (var i = 0; i < count; i++)
            Store(feed, i);
        return (await reader.NextAsync(count))[^1].Id;
    }

    private LiveFeed NewFeed(long bufferBytes) => new(_nodes.Add(), new LiveFeedSettings(bufferBytes), _time);
}
