using System.Collections.Frozen;
using IotBackend.Application.Access.SeriesLimits;
using IotBackend.Application.Access.Usage;
using IotBackend.Application.Buckets;
using IotBackend.Application.Measurements;
using IotBackend.Application.Measurements.Live;
using IotBackend.Application.Nodes;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using IotBackend.UnitTests.Buckets;
using IotBackend.UnitTests.Domain.Measurements;
using NSubstitute;
using Xunit;

namespace IotBackend.UnitTests.Measurements;

/// <summary>The door: which times are let through to the store.</summary>
public sealed class StoreMeasurementsTests : IDisposable
{
    private const long Hour = 3_600_000_000_000;
    private const long Now = 1_000_000 * Hour;
    private const long TenMinutes = Hour / 6;

    private readonly IMeasurementStore _store = Substitute.For<IMeasurementStore>();
    private readonly UsageMeter _usage = new(Substitute.For<IUsageStore>(), TimeProvider.System);

    private readonly KeySeriesLimits _series = new(
        new SeriesLimitRules(new SeriesLimit(100, 100), FrozenDictionary<string, SeriesLimit>.Empty), new SingleNode(), TimeProvider.System);

    private readonly ILiveFeed _live = Substitute.For<ILiveFeed>();

    public StoreMeasurementsTests() => _store.WriteAsync(default!, default!, Cancellation).ReturnsForAnyArgs(WriteOutcome.Stored);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _usage.Dispose();
        _series.Dispose();
    }

    [Theory]
    [InlineData(Now - Hour, null)]
    [InlineData(Now - Hour - 1, ErrorCodes.BeyondRetention)]
    [InlineData(long.MinValue, ErrorCodes.BeyondRetention)]
    [InlineData(Now + TenMinutes, null)]
    [InlineData(Now + TenMinutes + 1, ErrorCodes.TimestampInFuture)]
    [InlineData(long.MaxValue, ErrorCodes.TimestampInFuture)]
    public async Task Time_is_taken_from_the_oldest_that_is_kept_to_ten_minutes_ahead(long nanoseconds, string? code)
    {
        using var batch = BatchAt(nanoseconds);

        var result = await StoreAsync(batch, TestBuckets.Bucket("b", hours: 1));

        Assert.Equal(code, result.Error?.Faults.Single().Code);
        Assert.Equal(code is null ? 1 : 0, batch.AcceptedCount);
        await _store.ReceivedWithAnyArgs(code is null ? 1 : 0).WriteAsync(default!, default!, Cancellation);
    }

    [Fact]
    public async Task Bucket_that_keeps_for_ever_takes_the_oldest_time_there_is()
    {
        using var batch = BatchAt(long.MinValue);

        Assert.True((await StoreAsync(batch, TestBuckets.Bucket("b"))).IsSuccess);
    }

    [Theory]
    [InlineData(0, Now, true)]
    [InlineData(0, Now + 1, false)]
    [InlineData(0.5, Now + (TenMinutes / 20), true)]
    [InlineData(0.5, Now + (TenMinutes / 20) + 1, false)]
    [InlineData(150_000_000, long.MaxValue, true)]
    public async Task How_far_ahead_is_a_setting(double minutes, long nanoseconds, bool isTaken)
    {
        using var batch = BatchAt(nanoseconds);

        Assert.Equal(isTaken, (await StoreAsync(batch, TestBuckets.Bucket("b"), TimeSpan.FromMinutes(minutes))).IsSuccess);
    }

    [Fact]
    public async Task Batch_is_stored_without_what_is_refused_and_the_rest_is_told_by_its_place()
    {
        using var batch = BatchAt(Now, Now - (2 * Hour), Now - 1, Now + Hour);

        var stored = (await StoreAsync(batch, TestBuckets.Bucket("b", hours: 1))).Value;

        Assert.Equal((2, 2), (stored.Accepted, stored.Rejected));
        Assert.Equal([false, true, false, true], batch.Rows.ToArray().Select(row => row.IsRejected));
        Assert.Equal(
            [(1, "timestamp", ErrorCodes.BeyondRetention), (3, "timestamp", ErrorCodes.TimestampInFuture)],
            batch.Faults.Select(fault => (fault.Index!.Value, fault.Field, fault.Code)));
    }

    [Fact]
    public async Task Messages_say_how_long_the_bucket_keeps_and_up_to_when_the_future_reaches()
    {
        using var batch = BatchAt(Now - (25 * Hour), Now + Hour);

        await StoreAsync(batch, TestBuckets.Bucket("short", hours: 24));

        Assert.Contains("'short' keeps 24 h", batch.Faults[0].Message, StringComparison.Ordinal);
        Assert.Contains(new Timestamp(Now + TenMinutes).ToString(), batch.Faults[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Row_that_is_refused_already_is_told_once()
    {
        using var batch = BatchAt(Now - (2 * Hour), Now);
        batch.Reject(0, "device", ErrorCodes.DeviceNotAllowed, "Not yours.");

        await StoreAsync(batch, TestBuckets.Bucket("b", hours: 1));

        Assert.Equal(ErrorCodes.DeviceNotAllowed, Assert.Single(batch.Faults).Code);
    }

    [Theory]
    [InlineData(ErrorCodes.BucketNotFound)]
    [InlineData(ErrorCodes.StorageUnavailable)]
    public async Task What_is_wrong_with_the_bucket_goes_out_as_it_is_and_nothing_is_stored(string code)
    {
        using var batch = BatchAt(Now);
        var error = new Error(ErrorKind.NotFound, code, "It is so.");
        var buckets = TestBuckets.Store();
        buckets.FindAsync(default!, Cancellation).ReturnsForAnyArgs(Result<Bucket>.Failure(error));

        Assert.Equal(error, (await StoreAsync(batch, buckets, TimeSpan.FromMinutes(10), null)).Error);
        await _store.DidNotReceiveWithAnyArgs().WriteAsync(default!, default!, Cancellation);
    }

    [Fact]
    public async Task Without_a_bucket_the_rules_of_the_callers_default_hold()
    {
        using var batch = BatchAt(Now - (2 * Hour), Now);
        var buckets = TestBuckets.Store(TestBuckets.Bucket("only", hours: 1), TestBuckets.Bucket("default"));

        await StoreAsync(batch, buckets, TimeSpan.FromMinutes(10), null, "only");

        Assert.Equal(1, batch.AcceptedCount);
        await _store.Received(1).WriteAsync(TestBuckets.Name("only"), batch, Arg.Any<CancellationToken>());
    }

    [Theory]
    [InlineData(WriteOutcome.Stored)]
    [InlineData(WriteOutcome.Queued)]
    public async Task Those_who_watch_are_told_after_the_store_has_acknowledged(WriteOutcome outcome)
    {
        using var batch = BatchAt(Now);
        _store.WriteAsync(default!, default!, Cancellation).ReturnsForAnyArgs(_ =>
        {
            _live.DidNotReceiveWithAnyArgs().Publish(default!, default!);
            return outcome;
        });

        await StoreAsync(batch, TestBuckets.Bucket("b"));

        _live.Received(1).Publish(TestBuckets.Name("b"), batch);
    }

    [Fact]
    public async Task Of_what_was_not_stored_nobody_is_told()
    {
        using var failed = BatchAt(Now);
        using var refused = BatchAt(Now - (2 * Hour));
        await StoreAsync(refused, TestBuckets.Bucket("b", hours: 1));
        _store.WriteAsync(default!, default!, Cancellation).ReturnsForAnyArgs(Result<WriteOutcome>.Failure(TestBuckets.Outage));
        await StoreAsync(failed, TestBuckets.Bucket("b"));
        _live.DidNotReceiveWithAnyArgs().Publish(default!, default!);
    }

    private Task<Result<StoredMeasurements>> StoreAsync(MeasurementBatch batch, Bucket bucket, TimeSpan? maxFuture = null) =>
        StoreAsync(batch, TestBuckets.Store(bucket), maxFuture ?? TimeSpan.FromMinutes(10), bucket.Name);

    private Task<Result<StoredMeasurements>> StoreAsync(
        MeasurementBatch batch, IBucketStore buckets, TimeSpan maxFuture, BucketName? bucket, params string[] allowed) =>
        new StoreMeasurementsHandler(_store, buckets, new TimestampLimits(maxFuture), _usage, _live, TestBuckets.Context(allowed), _series)
            .Handle(new StoreMeasurements(bucket, batch), Cancellation);

    private static MeasurementBatch BatchAt(params long[] nanoseconds)
    {
        var batch = new MeasurementBatch(new Timestamp(Now));
        var writer = new MeasurementBatchWriter(batch);
        foreach (var time in nanoseconds)
        {
            writer.Begin();
            writer.Device("d").Number("x", 1).At(time);
            writer.End();
        }

        return batch;
    }
}
