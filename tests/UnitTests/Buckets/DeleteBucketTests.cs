using IotBackend.Application.Access.Audit;
using IotBackend.Application.Buckets;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;
using Xunit;
using ZiggyCreatures.Caching.Fusion;

namespace IotBackend.UnitTests.Buckets;

public sealed class DeleteBucketTests : IDisposable
{
    private static readonly Bucket There = TestBuckets.Bucket("a/b ü", hours: 24);

    private readonly FusionCache _cache = new(new FusionCacheOptions());
    private readonly IBucketStore _store = TestBuckets.Store(There);
    private readonly BucketUsages _usages;

    public DeleteBucketTests()
    {
        _usages = new BucketUsages(_store, _cache, TimeProvider.System);
        _store.DeleteAsync(default!, default!, Cancellation).ReturnsForAnyArgs(Result<Bucket>.Success(There));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _cache.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("true")]
    [InlineData("A/B Ü")]
    [InlineData("a/b ü ")]
    public async Task Without_the_exact_name_nothing_is_deleted_and_the_loss_is_told(string? confirmation)
    {
        _store.MeasureAsync(There.Name, Arg.Any<CancellationToken>()).Returns(new BucketUsage(12_345, 678));

        var error = (await DeleteAsync(There.Name, confirmation)).Error!;

        Assert.Equal((ErrorKind.Invalid, ErrorCodes.ConfirmationRequired), (error.Kind, error.Code));
        Assert.Contains("'a/b ü' with its 12,345 measurements", error.Message, StringComparison.Ordinal);
        Assert.Contains("?confirm=a%2Fb%20%C3%BC ", error.Message, StringComparison.Ordinal);
        Assert.Equal((12_345L, 678L), (error.Details["measurements"], error.Details["bytes"]));
        await _store.DidNotReceiveWithAnyArgs().DeleteAsync(default!, default!, Cancellation);
    }

    [Theory]
    [InlineData(null, "all that it holds")]
    [InlineData(0L, "its 0 measurements")]
    [InlineData(1L, "its only measurement")]
    [InlineData(2L, "its 2 measurements")]
    public async Task Loss_is_told_as_far_as_it_is_known(long? measurements, string told)
    {
        _store.MeasureAsync(There.Name, Arg.Any<CancellationToken>()).Returns(new BucketUsage(measurements, null));

        var error = (await DeleteAsync(There.Name, null)).Error!;

        Assert.Contains(told, error.Message, StringComparison.Ordinal);
        Assert.Equal(measurements is null ? [] : ["measurements"], error.Details.Keys);
    }

    [Fact]
    public async Task Loss_is_told_as_it_is_now_and_not_as_it_was_seconds_ago()
    {
        _store.MeasureAsync(There.Name, Arg.Any<CancellationToken>()).Returns(new BucketUsage(0, 0), new BucketUsage(5, 6));
        await _usages.MeasureAsync(There, Cancellation);

        Assert.Equal(5L, (await DeleteAsync(There.Name, null)).Error!.Details["measurements"]);
    }

    [Fact]
    public async Task Bucket_that_is_not_there_is_told_before_a_confirmation_is_asked_for() =>
        Assert.Equal(ErrorCodes.BucketNotFound, (await DeleteAsync(TestBuckets.Name("gone"), null)).Error?.Code);

    [Theory]
    [InlineData(null)]
    [InlineData("default")]
    public async Task Default_bucket_can_not_be_deleted_confirmed_or_not(string? confirmation)
    {
        Assert.Equal(ErrorCodes.Conflict, (await DeleteAsync(BucketName.Default, confirmation)).Error?.Code);
        await _store.DidNotReceiveWithAnyArgs().DeleteAsync(default!, default!, Cancellation);
    }

    [Fact]
    public async Task Confirmed_deletion_names_the_condition_to_the_store()
    {
        var deleted = await DeleteAsync(There.Name, There.Name.Value, Precondition.IsOneOf([MeasuredBucket.VersionOf(There)]));

        Assert.Equal(There, deleted.Value);
        await _store.Received(1).DeleteAsync(There.Name, BucketCondition.IsStill(There), Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task Another_version_than_named_deletes_nothing()
    {
        var result = await DeleteAsync(There.Name, There.Name.Value, Precondition.IsOneOf(["other"]));

        Assert.Equal(ErrorCodes.PreconditionFailed, result.Error?.Code);
        await _store.DidNotReceiveWithAnyArgs().DeleteAsync(default!, default!, Cancellation);
    }

    [Fact]
    public async Task What_the_store_refuses_goes_out_as_it_is()
    {
        var refusal = new Error(ErrorKind.Conflict, ErrorCodes.Conflict, "It always exists.");
        _store.DeleteAsync(default!, default!, Cancellation).ReturnsForAnyArgs(Result<Bucket>.Failure(refusal));

        Assert.Equal(refusal, (await DeleteAsync(There.Name, There.Name.Value)).Error);
    }

    [Fact]
    public async Task Figures_of_a_deleted_bucket_are_forgotten()
    {
        await _usages.MeasureAsync(There, Cancellation);

        await DeleteAsync(There.Name, There.Name.Value);
        await _usages.MeasureAsync(There, Cancellation);

        await _store.Received(2).MeasureAsync(There.Name, Arg.Any<CancellationToken>());
    }

    private Task<Result<Bucket>> DeleteAsync(BucketName name, string? confirmation, Precondition? precondition = null) =>
        new DeleteBucketHandler(_store, _usages, TestBuckets.Context(), new AuditTrail(), NullLogger<DeleteBucketHandler>.Instance)
            .Handle(new DeleteBucket(name, confirmation, precondition ?? Precondition.None), Cancellation);
}
