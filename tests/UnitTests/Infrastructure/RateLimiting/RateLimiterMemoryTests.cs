using System.Globalization;
using IotBackend.Domain.Access;
using IotBackend.Infrastructure.RateLimiting;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.RateLimiting;

[CollectionDefinition(nameof(RateLimiterMemoryTests), DisableParallelization = true)]
[Collection(nameof(RateLimiterMemoryTests))]
public sealed class RateLimiterMemoryTests
{
    private const int Keys = 1_000_000;
    private const long MostBytes = 200_000_000;

    [Fact]
    public async Task Million_keys_fit_into_200_MB()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddDays(20_000));
        var limiter = new RateLimiter(new TestTiers(Tier.Standard), time);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < Keys; i++)
        {
            // Its id is weighed too.
            await limiter.TakeAsync(TestTiers.Caller("standard", i.ToString("D12", CultureInfo.InvariantCulture)), 10);
        }

        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;

        Assert.Equal(Keys, limiter.Count);
        Assert.InRange(bytes, 0, MostBytes);
        time.Advance(TimeSpan.FromMinutes(2));
        limiter.Sweep();
        Assert.Equal(0, limiter.Count);
    }
}
