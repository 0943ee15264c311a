using System.Net;
using System.Net.Http.Headers;
using IotBackend.Simulator.Sending;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace IotBackend.UnitTests.Simulator;

public sealed class RetryPolicyTests
{
    private static readonly RetryOptions Options = new()
    {
        FirstDelay = TimeSpan.FromSeconds(1),
        MaxDelay = TimeSpan.FromSeconds(10),
        GiveUpAfter = TimeSpan.FromMinutes(1),
    };

    private readonly FakeTimeProvider _clock = new();

    private RetryPolicy Policy(int seed = 1) => new(Options, _clock, new Random(seed));

    [Theory]
    [InlineData(408, true)]
    [InlineData(429, true)]
    [InlineData(500, true)]
    [InlineData(503, true)]
    [InlineData(504, true)]
    [InlineData(400, false)]
    [InlineData(401, false)]
    [InlineData(409, false)]
    [InlineData(413, false)]
    [InlineData(201, false)]
    public void Only_what_passes_by_itself_is_sent_again(int status, bool again) =>
        Assert.Equal(again, RetryPolicy.IsTransient((HttpStatusCode)status));

    [Theory]
    [InlineData(1, 0.5, 1)]
    [InlineData(2, 1, 2)]
    [InlineData(3, 2, 4)]
    [InlineData(20, 5, 10)]
    [InlineData(5000, 5, 10)]
    public void Wait_doubles_up_to_its_limit_and_is_spread(int failures, double least, double most)
    {
        var delays = Enumerable.Range(0, 200).Select(seed => Policy(seed).NextDelay(failures, null, TimeSpan.Zero)!.Value.TotalSeconds).ToList();

        Assert.All(delays, delay => Assert.InRange(delay, least, most));
        Assert.True(delays.Max() - delays.Min() > (most - least) / 2);
    }

    [Fact]
    public void Server_that_names_a_wait_is_obeyed_even_beyond_our_own_limit() =>
        Assert.InRange(Policy().NextDelay(1, new RetryConditionHeaderValue(TimeSpan.FromSeconds(42)), TimeSpan.Zero)!.Value.TotalSeconds, 42, 43);

    [Fact]
    public void Server_that_names_a_moment_is_obeyed() =>
        Assert.InRange(
            Policy().NextDelay(1, new RetryConditionHeaderValue(_clock.GetUtcNow().AddSeconds(30)), TimeSpan.Zero)!.Value.TotalSeconds, 30, 31);

    [Fact]
    public void Moment_in_the_past_means_now() =>
        Assert.InRange(
            Policy().NextDelay(9, new RetryConditionHeaderValue(_clock.GetUtcNow().AddSeconds(-30)), TimeSpan.Zero)!.Value.TotalSeconds, 0, 1);

    [Fact]
    public void Wait_that_would_end_too_late_is_not_begun()
    {
        Assert.Null(Policy().NextDelay(1, null, TimeSpan.FromSeconds(59.9)));
        Assert.Null(Policy().NextDelay(1, new RetryConditionHeaderValue(TimeSpan.FromSeconds(61)), TimeSpan.Zero));
        Assert.NotNull(Policy().NextDelay(1, null, TimeSpan.FromSeconds(58.9)));
    }
}
