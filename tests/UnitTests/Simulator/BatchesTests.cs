using IotBackend.Simulator.Sending;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace IotBackend.UnitTests.Simulator;

public sealed class BatchesTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task Full_speed_cuts_without_waiting()
    {
        var sizes = new List<int>();
        await foreach (var batch in Batches.AtFullSpeed(At(0, 60, 120, 180, 240), 2, TestContext.Current.CancellationToken))
            sizes.Add(batch.Length);

        Assert.Equal([2, 2, 1], sizes);
    }

    [Fact]
    public async Task Own_rhythm_sends_each_sample_when_it_is_due_and_what_is_due_together_together()
    {
        var sent = await ReplayAsync(rhythm => Batches.AsTheyFallDue(At(0, 60, 60, 60, 180), 2, rhythm), speed: 60);

        Assert.Equal([(0, 1), (1, 2), (1, 1), (3, 1)], sent);
    }

    [Fact]
    public async Task Full_batches_are_sent_when_their_last_sample_is_due()
    {
        var sent = await ReplayAsync(rhythm => Batches.WhenFull(At(0, 1, 2, 3, 4), 2, rhythm), speed: 1);

        Assert.Equal([(1, 2), (3, 2), (4, 1)], sent);
    }

    [Fact]
    public async Task Gap_longer_than_any_timer_is_waited_for()
    {
        const int days = 60;
        var rhythm = new Rhythm(_clock, DateTimeOffset.UnixEpoch, speed: 1);
        var waiting = rhythm.WaitForAsync(DateTimeOffset.UnixEpoch.AddDays(days), TestContext.Current.CancellationToken);
        for (var day = 0; day < days; day++)
        {
            Assert.False(waiting.IsCompleted);
            _clock.Advance(TimeSpan.FromDays(1));
        }

        await waiting;
    }

    /// <summary>The second at which each batch came, and its size.</summary>
    private async Task<List<(int Second, int Size)>> ReplayAsync(Func<Rhythm, IAsyncEnumerable<ReadOnlyMemory<Sample>>> batches, double speed)
    {
        var sent = new List<(int, int)>();
        var began = _clock.GetUtcNow();
        async Task CollectAsync()
        {
            await foreach (var batch in batches(new Rhythm(_clock, DateTimeOffset.UnixEpoch, speed)))
                sent.Add(((int)(_clock.GetUtcNow() - began).TotalSeconds, batch.Length));
        }

        var collecting = CollectAsync();
        for (var second = 0; second < 100 && !collecting.IsCompleted; second++)
            _clock.Advance(TimeSpan.FromSeconds(1));
        await collecting;
        return sent;
    }

    private static IEnumerable<Sample> At(params int[] seconds) =>
        seconds.Select(second => new Sample("d", null, DateTimeOffset.UnixEpoch.AddSeconds(second), [new SampleField("v", "1")]));
}
