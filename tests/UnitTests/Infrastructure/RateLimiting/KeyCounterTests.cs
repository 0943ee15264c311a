using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Infrastructure.RateLimiting;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.RateLimiting;

public sealed class KeyCounterTests
{
    private const long Now = 1_000_000_000;
    private const long NextWindow = Now + 60_000;

    private readonly KeyCounter _counter = new(Tier.Standard, Now);

    [Fact]
    public void What_could_not_be_told_is_told_again()
    {
        Grant(3);
        var taken = _counter.TakeUnshared(Tier.Standard, Now)!.Value;
        Assert.Equal(3, taken.Taken.Requests);
        _counter.GiveBack(taken);
        Grant(2);

        Assert.Equal(5, _counter.TakeUnshared(Tier.Standard, Now)!.Value.Taken.Requests);
    }

    [Fact]
    public void What_was_told_is_told_once()
    {
        Grant(3);
        _counter.TakeUnshared(Tier.Standard, Now);
        Grant(2);

        Assert.Equal(2, _counter.TakeUnshared(Tier.Standard, Now)!.Value.Taken.Requests);
    }

    [Fact]
    public void What_belongs_to_a_window_that_is_over_is_not_told_in_the_next()
    {
        Grant(3);
        var taken = _counter.TakeUnshared(Tier.Standard, Now)!.Value;
        _counter.Decide(Tier.Standard, RequestCost.OneRequest, isTaken: false, NextWindow);
        _counter.GiveBack(taken);

        Assert.Equal(0, _counter.TakeUnshared(Tier.Standard, NextWindow)!.Value.Taken.Requests);
    }

    private void Grant(int requests)
    {
        for (var i = 0; i < requests; i++)
            _counter.Decide(Tier.Standard, RequestCost.OneRequest, isTaken: true, Now);
    }
}
