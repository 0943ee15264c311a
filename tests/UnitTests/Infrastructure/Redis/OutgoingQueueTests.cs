using IotBackend.Infrastructure.Redis;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Redis;

public sealed class OutgoingQueueTests
{
    private readonly OutgoingQueue _queue = new();

    [Fact]
    public void What_can_not_wait_goes_first_and_each_kind_in_its_order()
    {
        foreach (var (topic, canWait) in new[] { ("live 1", true), ("live 2", true), ("revoked 1", false), ("live 3", true), ("revoked 2", false) })
            Assert.True(_queue.TryAdd(Message(topic, canWait)));

        Assert.Equal(["revoked 1", "revoked 2", "live 1", "live 2", "live 3"], TakeAll());
    }

    [Fact]
    public void Full_of_what_can_wait_it_still_takes_what_can_not()
    {
        while (_queue.TryAdd(Message("live", canWait: true)))
        {
            // Until it is full.
        }

        Assert.True(_queue.TryAdd(Message("revoked", canWait: false)));
        Assert.Equal("revoked", Take()[0]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void It_is_bounded_in_messages(bool canWait)
    {
        for (var i = 0; i < OutgoingQueue.MostMessages; i++)
            Assert.True(_queue.TryAdd(Message("t", canWait)));
        Assert.False(_queue.TryAdd(Message("t", canWait)));

        Take();
        Assert.True(_queue.TryAdd(Message("t", canWait)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void It_is_bounded_in_bytes(bool canWait)
    {
        var overhead = Message("t", canWait).Bytes;
        var half = (int)(OutgoingQueue.MostBytes / 2) - overhead;
        Assert.True(_queue.TryAdd(Message("t", canWait, half)));
        Assert.False(_queue.TryAdd(Message("t", canWait, half + 1)));
        Assert.True(_queue.TryAdd(Message("t", canWait, half)));
        Assert.False(_queue.TryAdd(Message("t", canWait)));

        Assert.Single(Take());
        Assert.True(_queue.TryAdd(Message("t", canWait, half)));
    }

    [Fact]
    public void Large_messages_are_taken_few_at_a_time_so_that_what_comes_next_does_not_wait_for_many()
    {
        for (var i = 0; i < 10; i++)
            _queue.TryAdd(Message("live", canWait: true, 100_000));

        Assert.InRange(Take().Count, 1, 3);
    }

    [Fact]
    public async Task Closed_it_takes_nothing_and_gives_what_it_has()
    {
        _queue.TryAdd(Message("t", canWait: false));
        _queue.Close();

        Assert.False(_queue.TryAdd(Message("late", canWait: false)));
        Assert.True(await _queue.WaitAsync());
        Assert.Equal(["t"], TakeAll());
        Assert.False(await _queue.WaitAsync());
    }

    private static OutgoingMessage Message(string topic, bool canWait, int bytes = 0) =>
        new(topic, new NodeMessageFrame(NodeMessageKind.Message, Guid.Empty, new byte[bytes]), canWait);

    private List<string> Take()
    {
        var batch = new List<OutgoingMessage>();
        _queue.TryTake(batch);
        return [.. batch.Select(message => message.Topic)];
    }

    private List<string> TakeAll()
    {
        var all = new List<string>();
        while (Take() is { Count: > 0 } some)
            all.AddRange(some);
        return all;
    }
}
