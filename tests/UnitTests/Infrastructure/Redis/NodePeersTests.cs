using IotBackend.Infrastructure.Redis;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Redis;

public sealed class NodePeersTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly NodePeers _peers;
    private readonly Guid _other = Guid.NewGuid();

    public NodePeersTests()
    {
        _peers = new NodePeers(_time);
        _peers.Hear(_other);
    }

    [Fact]
    public void Node_that_falls_silent_is_missed_once_when_it_is_too_long()
    {
        _time.Advance(NodePeers.SilentAfter);
        Assert.False(_peers.Look());
        Assert.True(_peers.AreHeard);

        _time.Advance(Moment);
        Assert.True(Look());
        Assert.False(_peers.AreHeard);
        Assert.False(Look());
    }

    [Fact]
    public void Node_that_goes_on_telling_that_it_lives_is_not_missed()
    {
        for (var i = 0; i < 100; i++)
        {
            _time.Advance(NodePeers.SilentAfter);
            _peers.Hear(_other);
            Assert.False(Look());
        }
    }

    [Fact]
    public void Node_that_takes_leave_is_not_missed()
    {
        _peers.Leave(_other);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.False(Look());
        Assert.True(_peers.AreHeard);
    }

    [Fact]
    public void Silent_node_is_waited_for_for_a_while_and_counts_as_missed_once_more_at_its_end()
    {
        _time.Advance(NodePeers.SilentAfter + Moment);
        Look();
        _time.Advance(NodePeers.GivenUpAfter - NodePeers.SilentAfter - Moment);
        Assert.False(Look());
        Assert.False(_peers.AreHeard);

        _time.Advance(Moment);

        // What was missed is told before it counts as heard again.
        Assert.True(_peers.Look());
        Assert.False(_peers.AreHeard);
        _peers.EndLook();
        Assert.True(_peers.AreHeard);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.False(Look());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Silent_node_that_is_back_counts_as_missed_before_it_counts_as_heard(bool takesLeave)
    {
        _time.Advance(NodePeers.SilentAfter + Moment);
        Look();
        _peers.Hear(_other);
        if (takesLeave)
            _peers.Leave(_other);
        Assert.False(_peers.AreHeard);

        Assert.True(_peers.Look());
        Assert.False(_peers.AreHeard);
        _peers.EndLook();

        Assert.True(_peers.AreHeard);
        _time.Advance(NodePeers.SilentAfter + Moment);
        Assert.Equal(!takesLeave, Look());
    }

    [Fact]
    public void One_that_comes_back_while_missed_ones_are_told_is_told_the_next_time()
    {
        _time.Advance(NodePeers.SilentAfter + Moment);
        Assert.True(_peers.Look());
        _peers.Hear(_other);
        _peers.EndLook();
        Assert.False(_peers.AreHeard);

        Assert.True(Look());
        Assert.True(_peers.AreHeard);
    }

    [Fact]
    public void After_this_node_has_heard_nothing_itself_the_others_have_their_time_again()
    {
        _time.Advance(TimeSpan.FromMinutes(10));
        _peers.BeginAnew();
        _time.Advance(NodePeers.SilentAfter);
        Assert.False(Look());
        _time.Advance(Moment);
        Assert.True(Look());
    }

    [Fact]
    public void Whoever_is_new_is_told_once()
    {
        Assert.True(_peers.HasNew());
        _peers.Hear(_other);
        Assert.False(_peers.HasNew());
        _peers.Hear(Guid.NewGuid());
        Assert.True(_peers.HasNew());
    }

    private bool Look()
    {
        var isMissed = _peers.Look();
        if (isMissed)
            _peers.EndLook();
        return isMissed;
    }
}
