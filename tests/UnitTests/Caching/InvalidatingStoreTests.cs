using IotBackend.Application.Buckets;
using IotBackend.Application.Caching;
using IotBackend.Application.Measurements;
using IotBackend.Application.Measurements.Aggregates;
using IotBackend.Application.Measurements.Streams;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using IotBackend.UnitTests.Buckets;
using NSubstitute;
using Xunit;
using static IotBackend.UnitTests.Caching.TestAnswers;

namespace IotBackend.UnitTests.Caching;

/// <summary>After which outcomes of a store answers are no longer good.</summary>
public sealed class InvalidatingStoreTests : IDisposable
{
    private static readonly BucketName Bucket = TestBuckets.Name("b");
    private static readonly AnswerDeclaration Query = Declare(Bucket, AllTime, "a");

    private readonly CacheUnderTest _test = new();
    private readonly IMeasurementStore _store = Substitute.For<IMeasurementStore>();
    private readonly long _generation;

    public InvalidatingStoreTests() => _generation = _test.Cache.Watch(Query);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private bool IsGood => _generation >= _test.Cache.Watch(Query);

    public void Dispose() => _test.Dispose();

    [Theory]
    [InlineData(WriteOutcome.Stored, false)]
    [InlineData(WriteOutcome.Queued, true)]
    public async Task Write_changes_answers_when_it_can_be_read(WriteOutcome outcome, bool isGood)
    {
        _store.WriteAsync(default!, default!, Cancellation).ReturnsForAnyArgs(outcome);

        await WriteAsync();

        Assert.Equal(isGood, IsGood);
    }

    [Theory]
    [InlineData(ErrorKind.Unavailable, false)]
    [InlineData(ErrorKind.Timeout, false)]
    [InlineData(ErrorKind.NotFound, true)]
    public async Task Failed_write_changes_answers_when_it_may_have_been_stored(ErrorKind kind, bool isGood)
    {
        _store.WriteAsync(default!, default!, Cancellation).ReturnsForAnyArgs(new Error(kind, "code", "No."));

        await WriteAsync();

        Assert.Equal(isGood, IsGood);
    }

    [Fact]
    public async Task Write_that_throws_may_have_been_stored()
    {
        _store.WriteAsync(default!, default!, Cancellation).ReturnsForAnyArgs<Result<WriteOutcome>>(_ => throw new InvalidOperationException("A bug."));

        await Assert.ThrowsAsync<InvalidOperationException>(WriteAsync);

        Assert.False(IsGood);
    }

    [Fact]
    public async Task Nobody_is_told_of_a_write_before_answers_are_changed()
    {
        var stored = new TaskCompletionSource<Result<WriteOutcome>>();
        var wasGood = true;
        var telling = WriteAsync(new SlowStore(stored.Task)).ContinueWith(_ => wasGood = IsGood, Cancellation, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        Assert.True(IsGood);

        stored.SetResult(WriteOutcome.Stored);
        await telling;

        Assert.False(wasGood);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task Deletion_changes_answers_unless_it_only_counts(bool dryRun, bool isGood)
    {
        _store.DeleteAsync(default!, default, Cancellation).ReturnsForAnyArgs(1L);
        var filter = new MeasurementFilter(Bucket, ["a"], [], [], [], DeviceSet.All);

        await new InvalidatingMeasurementStore(_store, _test.Invalidation).DeleteAsync(new MeasurementSelection(filter, AllTime), dryRun, Cancellation);

        Assert.Equal(isGood, IsGood);
    }

    [Fact]
    public async Task Change_and_end_of_a_bucket_change_all_answers_of_it()
    {
        var buckets = TestBuckets.Store(TestBuckets.Bucket("b"));
        buckets.SaveAsync(default!, default!, Cancellation).ReturnsForAnyArgs(new BucketChange(TestBuckets.Bucket("b"), false));
        buckets.DeleteAsync(default!, default!, Cancellation).ReturnsForAnyArgs(TestBuckets.Bucket("b"));
        var store = new InvalidatingBucketStore(buckets, _test.Invalidation);

        await store.SaveAsync(TestBuckets.Bucket("b", hours: 1), BucketCondition.None, Cancellation);
        Assert.False(IsGood);
        var next = _test.Cache.Watch(Query);
        await store.DeleteAsync(Bucket, BucketCondition.None, Cancellation);
        Assert.True(next < _test.Cache.Watch(Query));
    }

    private Task WriteAsync() => WriteAsync(_store);

    private async Task WriteAsync(IMeasurementStore store)
    {
        using var batch = Batch(("a", Timestamp.From(_test.Time.GetUtcNow()).Nanoseconds));
        await new InvalidatingMeasurementStore(store, _test.Invalidation).WriteAsync(Bucket, batch, Cancellation);
    }

    private sealed class SlowStore(Task<Result<WriteOutcome>> written) : IMeasurementStore
    {
        public ValueTask<Result<WriteOutcome>> WriteAsync(BucketName bucket, MeasurementBatch batch, CancellationToken cancellationToken) => new(written);

        public ValueTask<Result<MeasurementPage>> ReadAsync(MeasurementQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<Result<LatestPage>> ReadLatestAsync(LatestQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<Result<IReadOnlyList<AggregatedSeries>>> AggregateAsync(AggregateQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<Result<MeasurementStream>> StreamAsync(StreamQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<Result<long>> DeleteAsync(MeasurementSelection selection, bool dryRun, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
