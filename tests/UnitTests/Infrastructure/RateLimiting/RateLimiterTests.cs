using IotBackend.Application.Access;
using IotBackend.Application.Access.RateLimits;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Infrastructure.RateLimiting;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.RateLimiting;

/// <summary>The limiter in memory, and what only it has: counters that are forgotten.</summary>
public sealed class RateLimiterTests : RateLimiterContract
{
    private RateLimiter InMemory => (RateLimiter)Limiter;

    [Fact]
    public async Task Tier_without_limits_is_not_counted()
    {
        for (var i = 0; i < 5; i++)
            Assert.Null(await InMemory.AcquireAsync(TestTiers.Caller("unlimited"), new RequestCost(1, 1_000_000), CancellationToken.None));
        Assert.Equal(0, InMemory.Count);
    }

    [Fact]
    public async Task Sweep_loses_nothing_while_keys_are_used()
    {
        // Windows that never end: whatever is lost would be missing at the end.
        Use(new Tier("own", 1_000_000, null, 3_600, 0));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var sweeping = Task.Run(
            () =>
            {
                while (!end.IsCancellationRequested)
                    InMemory.Sweep();
            },
            TestContext.Current.CancellationToken);
        var keys = Enumerable.Range(0, 2_000).Select(i => TestTiers.Caller("own", $"key-{i}")).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            foreach (var key in keys)
            {
                // A look alone leaves a counter behind that may be forgotten at any time.
                await InMemory.LookAsync(key, CancellationToken.None);
                await InMemory.TakeAsync(key);
            }
        })));
        await end.CancelAsync();
        await sweeping;

        foreach (var key in keys)
            Assert.Equal(1_000_000 - 4, (await InMemory.LookAsync(key, CancellationToken.None))!.Requests.Remaining);
    }

    [Fact]
    public async Task Counter_is_forgotten_when_it_says_no_more_than_a_new_one()
    {
        Use(new Tier("own", 10, 100, 60, 250));
        await InMemory.TakeAsync(Caller, 350);
        foreach (var windows in new[] { 1, 2, 3 })
        {
            Time.SetUtcNow(WindowStart.AddMinutes(windows));
            InMemory.Sweep();
            Assert.Equal(1, InMemory.Count);
        }

        Time.SetUtcNow(WindowStart.AddMinutes(4));
        InMemory.Sweep();
        Assert.Equal(0, InMemory.Count);
        Assert.Equal((35L, 350L), await RemainingAsync());
    }

    private protected override IRateLimiter Make(ITiers tiers, TimeProvider time) => new RateLimiter(tiers, time);

    private protected override void Sweep() => InMemory.Sweep();
}
