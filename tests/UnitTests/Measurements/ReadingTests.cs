using IotBackend.Application.Buckets;
using IotBackend.Application.Caching;
using IotBackend.Application.Measurements;
using IotBackend.Application.Measurements.Aggregates;
using IotBackend.Application.Measurements.Streams;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using IotBackend.UnitTests.Buckets;
using IotBackend.UnitTests.Caching;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Xunit;

namespace IotBackend.UnitTests.Measurements;

/// <summary>What the handlers of both reads ask of the store.</summary>
public sealed class ReadingTests
{
    private const long Hour = 3_600_000_000_000;
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddHours(1_000);

    private readonly FakeTimeProvider _time = new(Now);
    private readonly IMeasurementStore _store = Substitute.For<IMeasurementStore>();

    public ReadingTests()
    {
        _store.ReadAsync(default!, Cancellation).ReturnsForAnyArgs(new MeasurementPage([], false));
        _store.ReadLatestAsync(default!, Cancellation).ReturnsForAnyArgs(new LatestPage([], false));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, 0, 0)]
    [InlineData(24, 0, 976)]
    [InlineData(24, 976, 976)]
    [InlineData(24, 977, 977)]
    public async Task Range_is_cut_at_what_the_bucket_keeps(int? keptHours, long from, long expectedFrom)
    {
        await ReadAsync(TestBuckets.Store(TestBuckets.Bucket("default", keptHours)), Range(from, 2_000));

        await _store.Received(1).ReadAsync(Arg.Is<MeasurementQuery>(query => query.Selection.Range == Range(expectedFrom, 2_000)), Arg.Any<CancellationToken>());
    }

    [Theory]
    [InlineData(null, 0, 0)]
    [InlineData(24, 0, 976)]
    [InlineData(24, 977, 977)]
    public async Task Aggregates_and_streams_are_cut_at_what_the_bucket_keeps_and_windows_are_not(int? keptHours, long from, long expectedFrom)
    {
        var buckets = TestBuckets.Store(TestBuckets.Bucket("default", keptHours));
        _store.AggregateAsync(default!, Cancellation).ReturnsForAnyArgs(Result<IReadOnlyList<AggregatedSeries>>.Success([]));
        _store.StreamAsync(default!, Cancellation).ReturnsForAnyArgs(new MeasurementStream(MeasurementColumns.None, AsyncEnumerable.Empty<IReadOnlyList<Measurement>>()));

        await new AggregateMeasurementsHandler(_store, buckets, TestBuckets.Context(), TestAnswers.Settings, _time).Handle(TestAnswers.Aggregate(Range(from, 2_000)), Cancellation);
        await new StreamMeasurementsHandler(_store, buckets, TestBuckets.Context(), _time)
            .Handle(new StreamMeasurements(MeasurementTarget.All, Range(from, 2_000), SortOrder.Ascending, null, null, NeedsColumns: false), Cancellation);

        await _store.Received(1).AggregateAsync(
            Arg.Is<AggregateQuery>(query => query.Selection.Range == Range(expectedFrom, 2_000) && query.Windows.Range == Range(from, 2_000)), Arg.Any<CancellationToken>());
        await _store.Received(1).StreamAsync(Arg.Is<StreamQuery>(query => query.Selection.Range == Range(expectedFrom, 2_000)), Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task Range_that_is_too_old_altogether_is_empty()
    {
        await ReadAsync(TestBuckets.Store(TestBuckets.Bucket("default", hours: 24)), Range(0, 10));

        await _store.Received(1).ReadAsync(Arg.Is<MeasurementQuery>(query => query.Selection.Range == Range(10, 10)), Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task Newest_values_are_left_out_when_they_are_too_old()
    {
        await ReadLatestAsync(TestBuckets.Store(TestBuckets.Bucket("default", hours: 24)));

        await _store.Received(1).ReadLatestAsync(Arg.Is<LatestQuery>(query => query.Oldest == new Timestamp(976 * Hour)), Arg.Any<CancellationToken>());
    }

    [Theory]
    [InlineData(ErrorCodes.BucketNotFound)]
    [InlineData(ErrorCodes.StorageUnavailable)]
    public async Task What_is_wrong_with_the_bucket_goes_out_as_it_is(string code)
    {
        var error = new Error(ErrorKind.NotFound, code, "It is so.");
        var buckets = TestBuckets.Store();
        buckets.FindAsync(default!, Cancellation).ReturnsForAnyArgs(Result<Bucket>.Failure(error));

        Assert.Equal(error, (await ReadAsync(buckets, Range(0, 1))).Error);
        Assert.Equal(error, (await ReadLatestAsync(buckets)).Error);
        Assert.Empty(_store.ReceivedCalls());
    }

    private static TimeRange Range(long fromHour, long toHour) => new(new Timestamp(fromHour * Hour), new Timestamp(toHour * Hour));

    private Task<Result<ServedAnswer>> ReadAsync(IBucketStore buckets, TimeRange range) =>
        new ReadMeasurementsHandler(_store, buckets, TestBuckets.Context(), TestAnswers.Settings, _time).Handle(TestAnswers.Read(range: range), Cancellation);

    private Task<Result<ServedAnswer>> ReadLatestAsync(IBucketStore buckets) =>
        new ReadLatestHandler(_store, buckets, TestBuckets.Context(), _time).Handle(TestAnswers.ReadLatest(), Cancellation);
}
