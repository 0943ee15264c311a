using IotBackend.Api.Http;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace IotBackend.UnitTests.Http;

public sealed class TallyTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void First_is_told_at_once_and_the_others_together_when_the_interval_is_over()
    {
        var tally = new Tally(_time, TimeSpan.FromSeconds(10));
        Assert.Equal(1, tally.CountToTell());
        for (var i = 0; i < 99; i++)
            Assert.Null(tally.CountToTell());
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(100, tally.CountToTell());
        Assert.Null(tally.CountToTell());
    }

    [Fact]
    public async Task Each_one_is_told_once_whoever_counts()
    {
        var tally = new Tally(_time, TimeSpan.Zero);
        long told = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, 10_000), (_, _) =>
        {
            Interlocked.Add(ref told, tally.CountToTell() ?? 0);
            return ValueTask.CompletedTask;
        });
        Assert.Equal(10_000, told);
    }
}
