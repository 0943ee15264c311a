using IotBackend.Application.Measurements.Live;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace IotBackend.UnitTests.Measurements.Live;

/// <summary>That a reader is told when nothing else is told to him, and how reading ends.</summary>
public sealed class LiveIdleTests : IDisposable
{
    private static readonly TimeSpan IdleAfter = TimeSpan.FromSeconds(15);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 20, 44, 0, TimeSpan.Zero));
    private readonly LiveFeed _feed;
    private readonly CancellationTokenSource _end = new();

    public LiveIdleTests() => _feed = new LiveFeed(new ConnectedNodes().Add(), new LiveFeedSettings(16 << 20), _time);

    public void Dispose()
    {
        _feed.Dispose();
        _end.Dispose();
    }

    [Fact]
    public async Task Idle_is_told_after_its_time_and_again_and_not_a_moment_before()
    {
        using var subscription = _feed.Subscribe(LiveFeedTests.All(), null);
        await using var events = subscription.ReadAllAsync(IdleAfter, _time, _end.Token).GetAsyncEnumerator(_end.Token);
        for (var times = 0; times < 2; times++)
        {
            var next = events.MoveNextAsync().AsTask();
            _time.Advance(IdleAfter - TimeSpan.FromMilliseconds(1));
            await Task.Yield();
            Assert.False(next.IsCompleted);
            _time.Advance(TimeSpan.FromMilliseconds(1));
            Assert.True(await next.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken));
            Assert.Equal((LiveEventKind.Idle, subscription.Position), (events.Current.Kind, events.Current.Id));
        }
    }

    [Fact]
    public async Task What_does_not_match_keeps_nobody_from_being_told_and_moves_the_place_to_come_back_to()
    {
        using var subscription = _feed.Subscribe(LiveFeedTests.All() with { Devices = ["other"] }, null);
        var before = subscription.Position;
        await using var events = subscription.ReadAllAsync(IdleAfter, _time, _end.Token).GetAsyncEnumerator(_end.Token);
        var next = events.MoveNextAsync().AsTask();
        for (var i = 0; i < 20; i++)
        {
            LiveFeedTests.Store(_feed, i);
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        Assert.True(await next.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken));
        Assert.Equal(LiveEventKind.Idle, events.Current.Kind);
        Assert.True(events.Current.Id.Number > before.Number);
        Assert.True(events.Current.Id.UnixMilliseconds > before.UnixMilliseconds);
    }

    [Fact]
    public async Task An_event_puts_idle_off()
    {
        using var subscription = _feed.Subscribe(LiveFeedTests.All(), null);
        await using var events = subscription.ReadAllAsync(IdleAfter, _time, _end.Token).GetAsyncEnumerator(_end.Token);
        _time.Advance(IdleAfter / 2);
        LiveFeedTests.Store(_feed, 1);
        Assert.True(await events.MoveNextAsync());
        Assert.Equal(LiveEventKind.Measurement, events.Current.Kind);

        var next = events.MoveNextAsync().AsTask();
        _time.Advance(IdleAfter - TimeSpan.FromMilliseconds(1));
        await Task.Yield();
        Assert.False(next.IsCompleted);
        await _end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
    }

    [Fact]
    public async Task Reading_ends_at_the_next_packet_also_when_none_of_many_matches()
    {
        using var subscription = _feed.Subscribe(LiveFeedTests.All() with { Devices = ["other"] }, null);
        for (var i = 0; i < 1_000; i++)
            LiveFeedTests.Store(_feed, i);
        await _end.CancelAsync();

        await using var events = subscription.ReadAllAsync(_end.Token).GetAsyncEnumerator(_end.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await events.MoveNextAsync());
        Assert.Equal(0, subscription.Position.Number);
    }
}
