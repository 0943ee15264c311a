using IotBackend.Application.Access;
using IotBackend.Application.Access.Blocks;
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
    private static readonly Error TooMany = new(ErrorKind.RateLimited, ErrorCodes.RateLimitExceeded, "Too many.");
    private static readonly Error Overloaded = new(ErrorKind.Unavailable, ErrorCodes.Overloaded, "Too much.");

    private readonly IKeyBehavior _behavior = Substitute.For<IKeyBehavior>();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Refusals_and_grants_are_told()
    {
        Assert.Same(TooMany, (await SendAsync(TooMany)).Error);
        _behavior.Received(1).Refused("0123456789AB");
        Assert.Equal(7, (await SendAsync(null)).Value);
        _behavior.Received(1).Granted("0123456789AB");
    }

    [Fact]
    public async Task What_is_no_fault_of_the_key_is_not_held_against_it()
    {
        Assert.Same(Overloaded, (await SendAsync(Overloaded)).Error);
        Assert.Empty(_behavior.ReceivedCalls());
    }

    private Task<Result<long>> SendAsync(Error? refusal) =>
        new RateLimitBehavior<ReplayRefusedMeasurements, Result<long>>(TestBuckets.Context(), new Answering(refusal), _behavior)
            .Handle(new ReplayRefusedMeasurements(1), Cancel, () => Task.FromResult(Result<long>.Success(7)));

    private sealed class Answering(Error? refusal) : IRateLimiter
    {
        public ValueTask<Error?> AcquireAsync(Caller caller, RequestCost cost, CancellationToken cancellationToken) => ValueTask.FromResult(refusal);
    }
}
