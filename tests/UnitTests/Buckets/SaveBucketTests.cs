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

public sealed class SaveBucketTests : IDisposable
{
    private static readonly Bucket Old = TestBuckets.Bucket("a", hours: 24, description: "old");
    private static readonly Bucket New = TestBuckets.Bucket("a", hours: 48, description: "new");

    private readonly FusionCache _cache = new(new FusionCacheOptions());
    private readonly IBucketStore _store = TestBuckets.Store(Old);
    private readonly BucketUsages _usages;

    public SaveBucketTests()
    {
        _usages = new BucketUsages(_store, _cache, TimeProvider.System);
        _store.SaveAsync(default!, default!, Cancellation).ReturnsForAnyArgs(call => new BucketChange(call.Arg<Bucket>(), IsNew: false));
    }

    public static TheoryData<Precondition, BucketCondition> Conditions => new()
    {
        { Precondition.None, BucketCondition.None },
        { Precondition.Exists, BucketCondition.Exists },
        { Precondition.IsNew, BucketCondition.IsNew },
        { Precondition.IsOneOf([MeasuredBucket.VersionOf(Old)]), BucketCondition.IsStill(Old) },
        { Precondition.IsOneOf(["other", MeasuredBucket.VersionOf(Old)]), BucketCondition.IsStill(Old) },
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _cache.Dispose();

    [Theory]
    [MemberData(nameof(Conditions))]
    public async Task Store_is_given_the_rules_and_what_must_be_true(Precondition precondition, BucketCondition condition)
    {
        var saved = (await SaveAsync(New, precondition)).Value;

        Assert.Equal((New, false), (saved.Bucket.Bucket, saved.IsNew));
        await _store.Received(1).SaveAsync(New, condition, Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task Another_version_than_named_changes_nothing()
    {
        foreach (var versions in new string[][] { [], ["other"], [MeasuredBucket.VersionOf(New)] })
            Assert.Equal(ErrorCodes.PreconditionFailed, (await SaveAsync(New, Precondition.IsOneOf(versions))).Error?.Code);

        await _store.DidNotReceiveWithAnyArgs().SaveAsync(default!, default!, Cancellation);
    }

    [Fact]
    public async Task Version_of_a_bucket_that_is_gone_asks_the_store_for_an_existing_one()
    {
        await SaveAsync(TestBuckets.Bucket("gone"), Precondition.IsOneOf(["any"]));

        await _store.Received(1).SaveAsync(TestBuckets.Bucket("gone"), BucketCondition.Exists, Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task Outage_while_comparing_versions_goes_out_as_it_is()
    {
        _store.FindAsync(default!, Cancellation).ReturnsForAnyArgs(Result<Bucket>.Failure(TestBuckets.Outage));

        Assert.Equal(TestBuckets.Outage, (await SaveAsync(New, Precondition.IsOneOf(["any"]))).Error);
    }

    [Fact]
    public async Task What_the_store_refuses_goes_out_as_it_is()
    {
        var refusal = new Error(ErrorKind.Unprocessable, ErrorCodes.NotSupportedByStore, "Not here.");
        _store.SaveAsync(default!, default!, Cancellation).ReturnsForAnyArgs(Result<BucketChange>.Failure(refusal));

        Assert.Equal(refusal, (await SaveAsync(New, Precondition.None)).Error);
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 1)]
    public async Task Only_a_new_bucket_is_measured_anew(bool isNew, int times)
    {
        await _usages.MeasureAsync(Old, Cancellation);
        _store.SaveAsync(default!, default!, Cancellation).ReturnsForAnyArgs(new BucketChange(New, isNew));

        var saved = (await SaveAsync(New, Precondition.None)).Value;

        Assert.Equal((isNew, TestBuckets.UsageOf(New.Name)), (saved.IsNew, saved.Bucket.Usage));
        await _store.Received(times).MeasureAsync(New.Name, Arg.Any<CancellationToken>());
    }

    private Task<Result<SavedBucket>> SaveAsync(Bucket bucket, Precondition precondition) =>
        new SaveBucketHandler(_store, _usages, TestBuckets.Context(), new AuditTrail(), NullLogger<SaveBucketHandler>.Instance)
            .Handle(new SaveBucket(bucket.Name, bucket.Description, bucket.Retention, precondition), Cancellation);
}
