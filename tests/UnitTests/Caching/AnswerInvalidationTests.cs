using System.Text;
using IotBackend.Application.Caching;
using IotBackend.Application.Nodes;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.UnitTests.Buckets;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Xunit;
using static IotBackend.UnitTests.Caching.TestAnswers;

namespace IotBackend.UnitTests.Caching;

/// <summary>What nodes tell each other of changes.</summary>
public sealed class AnswerInvalidationTests : IDisposable
{
    private const long Now = 20_000 * Day;

    private static readonly BucketName Bucket = TestBuckets.Name("b");
    private static readonly AnswerDeclaration Closed = Declare(Bucket, new TimeRange(new Timestamp(Now - (5 * Day)), new Timestamp(Now - (3 * Day))), "a");

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddDays(20_000));
    private readonly Wire _wire = new();
    private readonly AnswerGenerations _here = new();
    private readonly AnswerGenerations _there = new();
    private readonly AnswerInvalidation _own;
    private readonly AnswerInvalidation _others;

    private readonly CacheWarming _warming = new();

    public AnswerInvalidationTests()
    {
        _own = new AnswerInvalidation(_here, _wire.Node(), _warming, Settings, _time);
        _others = new AnswerInvalidation(_there, _wire.Node(), _warming, Settings, _time);
    }

    public void Dispose()
    {
        _own.Dispose();
        _others.Dispose();
        _warming.Dispose();
    }

    [Theory]
    [InlineData("a", Now - (4 * Day), false)]
    [InlineData("a", Now - (2 * Day), true)]
    [InlineData("b", Now - (4 * Day), true)]
    public void Late_write_reaches_the_answers_of_other_nodes_that_it_can_change(string device, long at, bool isGood)
    {
        var generation = _there.Watch(Closed, isClosed: true);

        Store((device, at));
        _time.Advance(TimeSpan.FromMilliseconds(100));

        Assert.Equal(isGood, generation >= _there.Watch(Closed, isClosed: true));
    }

    [Fact]
    public void Recent_writes_are_told_to_nobody()
    {
        Store(("a", Now), ("b", Now - (Hour / 2)));
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(0, _wire.Count);
    }

    [Fact]
    public void Many_late_writes_of_a_moment_are_one_message_and_those_of_too_many_devices_name_none()
    {
        for (var i = 0; i < 1_000; i++)
            Store(($"d{i}", Now - (4 * Day)));
        var generation = _there.Watch(Closed, isClosed: true);
        _time.Advance(TimeSpan.FromMilliseconds(100));

        Assert.Equal(2, _wire.Count);
        Assert.True(generation < _there.Watch(Closed, isClosed: true));
    }

    [Fact]
    public async Task Deletion_is_told_at_once_and_everything_means_everything()
    {
        var generation = _there.Watch(Closed, isClosed: true);
        await _own.ChangedAsync(Bucket, ["b"]);
        Assert.True(generation >= _there.Watch(Closed, isClosed: true));
        await _own.ChangedAsync(Bucket, ["a"]);
        Assert.True(generation < _there.Watch(Closed, isClosed: true));

        generation = _there.Watch(Closed, isClosed: true);
        await _own.ChangedAsync(null, []);
        Assert.True(generation < _there.Watch(Closed, isClosed: true));
    }

    [Fact]
    public async Task Nodes_that_hear_of_a_purge_of_everything_warm_their_own_caches()
    {
        await _own.ChangedAsync(Bucket, []);
        await _own.ChangedAsync(null, ["a"]);
        Assert.False(_warming.WaitAsync(TestContext.Current.CancellationToken).IsCompleted);

        using var another = new CacheWarming();
        using var third = new AnswerInvalidation(new AnswerGenerations(), _wire.Node(), another, Settings, _time);
        await _own.ChangedAsync(null, []);
        Assert.True(another.WaitAsync(TestContext.Current.CancellationToken).IsCompletedSuccessfully);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no JSON")]
    [InlineData("null")]
    [InlineData("""{ "bucket": "\u0000" }""")]
    public void Message_that_is_not_understood_changes_everything(string message)
    {
        var generation = _there.Watch(Closed, isClosed: true);

        _wire.Send(Encoding.UTF8.GetBytes(message));

        Assert.True(generation < _there.Watch(Closed, isClosed: true));
    }

    [Fact]
    public void Message_of_a_later_version_is_understood_as_far_as_it_goes()
    {
        var other = _there.Watch(Closed, isClosed: true);

        _wire.Send("""{ "bucket": "other", "devices": ["a"], "slices": 18446744073709551615, "further": [1] }"""u8.ToArray());

        Assert.True(other >= _there.Watch(Closed, isClosed: true));
    }

    [Fact]
    public void Missed_messages_may_have_said_anything()
    {
        var generation = _there.Watch(Closed, isClosed: true);

        _wire.Reconnect();

        Assert.True(generation < _there.Watch(Closed, isClosed: true));
    }

    private void Store(params (string Device, long Nanoseconds)[] rows)
    {
        using var batch = Batch(rows);
        var told = _own.StoredAsync(Bucket, batch);
        Assert.True(told.IsCompletedSuccessfully);
    }

    /// <summary>Brings what one node publishes to the others, and counts it.</summary>
    private sealed class Wire
    {
        private readonly List<(INodeMessages Node, Action<ReadOnlyMemory<byte>> Received, Action Missed)> _subscribers = [];

        public int Count { get; private set; }

        public INodeMessages Node()
        {
            var node = Substitute.For<INodeMessages>();
            node.IsConnected.Returns(true);
            node.Subscribe(default!, default!, default!).ReturnsForAnyArgs(call =>
            {
                _subscribers.Add((node, call.Arg<Action<ReadOnlyMemory<byte>>>(), call.Arg<Action>()));
                return Substitute.For<IDisposable>();
            });
            node.When(one => one.Publish("cache-invalidation", Arg.Any<ReadOnlyMemory<byte>>())).Do(call =>
            {
                Count++;
                foreach (var subscriber in _subscribers.Where(subscriber => subscriber.Node != node))
                    subscriber.Received(call.Arg<ReadOnlyMemory<byte>>());
            });
            return node;
        }

        public void Send(byte[] message) => _subscribers.ForEach(subscriber => subscriber.Received(message));

        public void Reconnect() => _subscribers.ForEach(subscriber => subscriber.Missed());
    }
}
