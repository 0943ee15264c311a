using IotBackend.Application.Measurements;
using IotBackend.Application.Measurements.Aggregates;
using IotBackend.Domain.Access;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Measurements.Aggregates;
using IotBackend.Domain.Results;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Embedded;

public sealed class AggregateReaderTests : IDisposable
{
    private static readonly TimeRange Range = new(new Timestamp(0), new Timestamp(1_000 * TestStore.Second));

    private readonly TestStore _store = new();

    public void Dispose() => _store.Dispose();

    [Theory]
    [InlineData(AggregateFunction.Median, false)]
    [InlineData(AggregateFunction.P95, true)]
    public async Task Window_of_as_many_values_as_may_be_held_is_answered_and_one_more_is_refused(AggregateFunction function, bool isFlushed)
    {
        for (var i = 0; i < 100; i++)
            await _store.WriteAsync("d", i * TestStore.Second, i);
        await _store.WriteAsync("e", 0, 1);
        if (isFlushed)
            _store.Flush();

        Assert.Equal(2, (await AggregateAsync(TestStore.Everything, function, 100)).Value.Count);
        var refused = await AggregateAsync(TestStore.Everything, function, 99);
        Assert.Equal((ErrorKind.Invalid, ErrorCodes.ResultTooLarge), (refused.Error!.Kind, refused.Error.Code));
        Assert.Equal(99, refused.Error.Details["limit"]);
        Assert.Contains("shorter window", refused.Error.Message, StringComparison.Ordinal);

        // The same values in windows that are shorter, and what needs none.
        Assert.Equal(2, (await AggregateAsync(TestStore.Everything, function, 99, 99 * TestStore.Second)).Value.Count);
        Assert.Equal(2, (await AggregateAsync(TestStore.Everything, AggregateFunction.StandardDeviation, 1)).Value.Count);
    }

    [Fact]
    public async Task Fields_of_devices_that_are_not_asked_for_or_not_seen_are_told_of_by_no_error()
    {
        await _store.WriteAsync("own-1", 0, 1);
        await _store.WriteAsync(writer =>
        {
            writer.Begin();
            writer.SetDevice("foreign"u8);
            writer.SetTimestamp(new Timestamp(0));
            writer.AddText("secret"u8, "x"u8);
            Assert.True(writer.End());
        });
        var limited = TestStore.Everything with { Fields = ["secret"], Visible = new DeviceSet([DevicePattern.Parse("own-*")]) };
        var all = TestStore.Everything with { Fields = ["secret"] };

        Assert.Empty((await AggregateAsync(limited, AggregateFunction.Count)).Value);
        Assert.Empty((await AggregateAsync(all with { Devices = ["own-1"] }, AggregateFunction.Count)).Value);
        Assert.Equal(ErrorCodes.AggregateNeedsNumbers, (await AggregateAsync(all, AggregateFunction.Count)).Error?.Code);
        Assert.Equal(ErrorCodes.AggregateNeedsNumbers, (await AggregateAsync(all with { Devices = ["foreign"] }, AggregateFunction.Count)).Error?.Code);
    }

    private async Task<Result<IReadOnlyList<AggregatedSeries>>> AggregateAsync(
        MeasurementFilter filter, AggregateFunction function, int maxHeldValues = AggregateQuery.MostHeldValues, long length = 0) =>
        await _store.Store.AggregateAsync(
            new AggregateQuery(new MeasurementSelection(filter, Range), new WindowGrid(Range, length), [function], 1_000) { MaxHeldValues = maxHeldValues },
            TestContext.Current.CancellationToken);
}
