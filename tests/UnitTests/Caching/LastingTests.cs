using IotBackend.Application.Measurements;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.UnitTests.Buckets;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Xunit;
using static IotBackend.UnitTests.Caching.TestAnswers;

namespace IotBackend.UnitTests.Caching;

/// <summary>Which answers nothing but a late write or a deletion can change.</summary>
public sealed class LastingTests
{
    [Theory]
    [InlineData(0, 999 * Hour, true, null, true)]
    [InlineData(0, (999 * Hour) + 1, true, null, false)]
    [InlineData(0, 999 * Hour, false, null, false)]
    [InlineData(900 * Hour, 950 * Hour, true, 102, true)]
    [InlineData(900 * Hour, 950 * Hour, true, 101, false)]
    [InlineData(0, 950 * Hour, true, 100, false)]
    public async Task Range_lasts_that_is_fixed_and_closed_and_that_retention_does_not_reach(long from, long to, bool isFixed, int? keptHours, bool isLasting)
    {
        var store = Substitute.For<IMeasurementStore>();
        store.ReadAsync(default!, TestContext.Current.CancellationToken).ReturnsForAnyArgs(new MeasurementPage([], false));
        var buckets = TestBuckets.Store(TestBuckets.Bucket(BucketName.Default.Value, keptHours));
        var handler = new ReadMeasurementsHandler(store, buckets, TestBuckets.Context(), Settings, new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddHours(1_000)));

        var range = new TimeRange(new Timestamp(from), new Timestamp(to));
        var served = await handler.Handle(Read(range: range, isFixed: isFixed), TestContext.Current.CancellationToken);

        Assert.Equal(isLasting, served.Value.IsLasting);
    }
}
