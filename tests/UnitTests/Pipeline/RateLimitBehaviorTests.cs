using IotBackend.Application.Access;
using IotBackend.Application.Access.Blocks;
using IotBackend.Application.Access.RateLimits;
using IotBackend.Application.Measurements;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;
using IotBackend.UnitTests.Buckets;
using NSubstitute;
using Xunit;

namespace IotBackend.UnitTests.Pipeline;

public sealed class RateLimitBehaviorTests
{
    private readonly IKeyBehavior _behavior = Substitute.For<IKeyBehavior>();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Refusals_and_grants_are_told()
    {
        Assert.Equal(ErrorCodes.RateLimitExceeded, (await SendAsync(RateLimitOutcome.Exceeded)).Error?.Code);
        _behavior.Received(1).Refused("0123456789AB");
        Assert.Equal(7, (await SendAsync(RateLimitOutcome.Granted)).Value);
        _behavior.Received(1).Granted("0123456789AB");
    }

    [Fact]
    public async Task What_waiting_would_not_change_is_not_held_against_the_key()
    {
        Assert.Equal(ErrorCodes.BatchTooLarge, (await SendAsync(RateLimitOutcome.TooLarge)).Error?.Code);
        Assert.Empty(_behavior.ReceivedCalls());
    }

    private Task<Result<long>> SendAsync(RateLimitOutcome outcome) =>
        new RateLimitBehavior<ReplayRefusedMeasurements, Result<long>>(TestBuckets.Context(), new Answering(outcome), behavior: _behavior)
            .Handle(new ReplayRefusedMeasurements(1), Cancel, () => Task.FromResult(Result<long>.Success(7)));

    private sealed class Answering(RateLimitOutcome outcome) : IRateLimiter
    {
        public ValueTask<RateLimitDecision?> AcquireAsync(Caller caller, RequestCost cost, CancellationToken cancellationToken) =>
            ValueTask.FromResult<RateLimitDecision?>(new RateLimitDecision(Tier.Standard, outcome, 0, new PolicyState(100, 0, 14_000, 14_000), default));

        public ValueTask<RateLimitDecision?> LookAsync(Caller caller, CancellationToken cancellationToken) => AcquireAsync(caller, RequestCost.OneRequest, cancellationToken);
    }
}
