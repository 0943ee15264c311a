using CsCheck;
using IotBackend.Application.Measurements;
using IotBackend.Application.Measurements.Aggregates;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Measurements.Aggregates;
using IotBackend.Domain.Results;
using IotBackend.IntegrationTests.Hosting;
using IotBackend.IntegrationTests.RealData;
using Xunit;

namespace IotBackend.IntegrationTests.Stores;

public abstract class AggregateTests(StoreFixture fixture) : StoreTests(fixture)
{
    private static readonly AggregateFunction[] All = Enum.GetValues<AggregateFunction>();

    // What can be asked of a database without its values' being streamed.
    private static readonly AggregateFunction[] Simple =
    [
        AggregateFunction.Last, AggregateFunction.Mean, AggregateFunction.First, AggregateFunction.Min, AggregateFunction.Count, AggregateFunction.Sum, AggregateFunction.Max,
    ];

    private static readonly TimeRange AllTime = new(Timestamp.MinValue, Timestamp.MaxValue);

    [Fact]
    public async Task Windows_begin_at_the_epoch_and_those_at_the_ends_hold_only_what_lies_in_the_range()
    {
        await Bucket.WriteAsync(Some.Numbers("d", 100, first: Some.Noon));

        var points = Assert.Single(await AskAsync(Range(Some.Noon + (5 * Some.Second), Some.Noon + (45 * Some.Second)), 20 * Some.Second, AggregateFunction.Count, AggregateFunction.Sum)).Points;

        Assert.Equal([Some.Noon, Some.Noon + (20 * Some.Second), Some.Noon + (40 * Some.Second)], points.Select(point => point.Start));
        Assert.Equal([15.0, 20, 5], points.Select(point => point.Values[0]));
        Assert.Equal([180.0, 590, 210], points.Select(point => point.Values[1]));
    }

    [Fact]
    public async Task Windows_before_the_epoch_are_aligned_as_those_after_it()
    {
        await Bucket.WriteAsync(Some.Number("d", -1), Some.Number("d", -10 * Some.Second), Some.Number("d", (-10 * Some.Second) - 1), Some.Number("d", 0));

        var points = Assert.Single(await AskAsync(Range(-Some.Hour, Some.Hour), 10 * Some.Second, AggregateFunction.Count)).Points;

        Assert.Equal([(-20 * Some.Second, 1.0), (-10 * Some.Second, 2.0), (0, 1.0)], points.Select(point => (point.Start, point.Values[0])));
    }

    [Fact]
    public async Task Windows_at_the_ends_of_time_hold_what_lies_there()
    {
        // No half-open range ends behind the very last nanosecond.
        var latest = Math.Min(Fixture.Latest, long.MaxValue - 1);
        await Bucket.WriteAsync(Some.Number("d", Fixture.Earliest, 1), Some.Number("d", 0, 2), Some.Number("d", latest - 1, 3), Some.Number("d", latest, 4));

        var ends = Assert.Single(await AskAsync(AllTime, 300 * Some.Second, AggregateFunction.Sum, AggregateFunction.Last)).Points;
        Assert.Equal([1.0, 2, 7], ends.Select(point => point.Values[0]));
        Assert.Equal([1.0, 2, 4], ends.Select(point => point.Values[1]));

        Assert.True(ends[0].Start <= Fixture.Earliest);
        Assert.Equal(0, ends[1].Start);
        var before = Assert.Single(await AskAsync(Range(long.MinValue, ends[2].Start), 300 * Some.Second, AggregateFunction.Last)).Points;
        Assert.Equal([(ends[0].Start, 1.0), (0, 2)], before.Select(point => (point.Start, point.Values[0])));
        var last = Assert.Single(await AskAsync(Range(latest, long.MaxValue), 0, AggregateFunction.Last)).Points;
        Assert.Equal([4.0], last.Select(point => point.Values[0]));
    }

    [Fact]
    public async Task Without_a_window_the_range_is_one_that_begins_where_it_begins()
    {
        await Bucket.WriteAsync(Some.Numbers("d", 10));

        var range = Range(Some.Noon + 1, Some.Noon + Some.Hour);

        var point = Assert.Single(Assert.Single(await AskAsync(range, 0, AggregateFunction.Count)).Points);
        Assert.Equal((Some.Noon + 1, 9.0), (point.Start, point.Values[0]));
    }

    [Fact]
    public async Task Every_function_tells_of_known_values_what_it_is_defined_to()
    {
        double[] values = [2, 4, 4, 4, 5, 5, 7, 9, 1, 10, 3];
        await Bucket.WriteAsync(values.Select((value, i) => Some.Number("d", Some.Noon + i, value)));

        var told = Assert.Single(Assert.Single(await AskAsync(Range(Some.Noon, Some.Noon + Some.Hour), Some.Hour, All)).Points).Values;

        // Of eleven values the rank nearest to 95 % is the tenth.
        Assert.Equal([54 / 11.0, 1, 10, 54, 11, 2, 3, 4, 9], told[..9]);
        Assert.Equal(2.773_248_833, told[9], 1e-8);
        var one = Assert.Single(Assert.Single(await AskAsync(Range(Some.Noon, Some.Noon + 1), Some.Hour, All)).Points).Values;
        Assert.Equal([2.0, 2, 2, 2, 1, 2, 2, 2, 2, double.NaN], one);
    }

    [Fact]
    public async Task Series_come_by_device_name_tags_and_field_and_only_those_with_values_in_the_range()
    {
        await Bucket.WriteAsync(
            Some.Key("b").At(Some.Noon, ("z", 1), ("a", 1)),
            Some.Key("a", "telemetry", ("t", "2")).At(Some.Noon, ("v", 1)),
            Some.Key("a", "telemetry", ("t", "1")).At(Some.Noon, ("v", 1)),
            Some.Key("a").At(Some.Noon, ("v", 1), ("w", true)),
            Some.Key("a", "earlier").At(Some.Noon - Some.Day, ("v", 1)));

        var series = await AskAsync(Range(Some.Noon, Some.Noon + 1), 0, AggregateFunction.Mean);

        Assert.Equal(["a,telemetry v", "a,telemetry,t=1 v", "a,telemetry,t=2 v", "b,telemetry a", "b,telemetry z"], series.Select(one => $"{one.Key} {one.Field}"));
    }

    [Fact]
    public async Task Only_what_the_filter_selects_and_the_caller_may_see_is_aggregated()
    {
        await Bucket.WriteAsync(Some.Number("a-1", Some.Noon), Some.Number("a-2", Some.Noon), Some.Number("b-1", Some.Noon), Some.Key("a-1", "m").At(Some.Noon, ("value", 1)));
        var visible = Bucket.All with { Names = ["telemetry"], Visible = new DeviceSet([DevicePattern.Parse("a-*")]) };

        Assert.Equal(["a-1", "a-2"], (await AskAsync(AllTime, 0, visible, AggregateFunction.Count)).Select(series => series.Key.Device));
        Assert.Equal(["a-2"], (await AskAsync(AllTime, 0, visible with { Devices = ["a-2", "b-1"] }, AggregateFunction.Count)).Select(series => series.Key.Device));
    }

    [Fact]
    public async Task Field_that_is_named_must_be_a_number_and_others_are_left_out()
    {
        await Bucket.WriteAsync(Some.Key("d", "m").At(Some.Noon, ("n", 1), ("b", true), ("t", "x")), Some.Key("d", "o").At(Some.Noon, ("b", 2)), Some.Key("d", "texts").At(Some.Noon, ("t", "x")));

        async Task RefusedAsync(MeasurementFilter filter) =>
            (await Bucket.TryAggregateAsync(filter, AllTime, 0, [AggregateFunction.Count])).MustFail(ErrorCodes.AggregateNeedsNumbers);

        await RefusedAsync(Bucket.All with { Fields = ["t"] });
        await RefusedAsync(Bucket.All with { Fields = ["n", "t"] });
        await RefusedAsync(Bucket.All with { Fields = ["b"], Names = ["m"] });
        await RefusedAsync(Bucket.All with { Names = ["texts"] });
        Assert.Equal(["m n", "o b"], (await AskAsync(AllTime, 0, AggregateFunction.Count)).Select(series => $"{series.Key.Name} {series.Field}"));
        Assert.Equal(["o b"], (await AskAsync(AllTime, 0, Bucket.All with { Fields = ["b"] }, AggregateFunction.Count)).Select(series => $"{series.Key.Name} {series.Field}"));
        Assert.Empty(await AskAsync(AllTime, 0, Bucket.All with { Fields = ["unknown"] }, AggregateFunction.Count));
        Assert.Empty(await AskAsync(AllTime, 0, Bucket.All with { Names = ["unknown"] }, AggregateFunction.Count));
    }

    [Theory]
    [InlineData(AggregateFunction.Mean)]
    [InlineData(AggregateFunction.Median)]
    public async Task Answer_of_as_many_points_as_there_may_be_comes_and_one_more_is_refused_with_a_window_that_fits(AggregateFunction function)
    {
        await Bucket.WriteAsync(Some.Numbers("a", 60).Concat(Some.Numbers("b", 40)));
        var range = Range(Some.Noon, Some.Noon + (90 * Some.Second));

        var whole = (await Bucket.TryAggregateAsync(null, range, Some.Second, [function], mostPoints: 100)).MustSucceed();
        var refused = await Bucket.TryAggregateAsync(null, range, Some.Second, [function], mostPoints: 99);

        Assert.Equal(100, whole.Sum(series => series.Points.Count));
        refused.MustFail(ErrorCodes.ResultTooLarge);
        Assert.Equal(99, refused.Error!.Details["limit"]);
        var fitting = WindowLength.TryParse((string)refused.Error.Details["window"]!)!.Value;
        Assert.True(fitting.Nanoseconds > Some.Second);
        Assert.NotEmpty((await Bucket.TryAggregateAsync(null, range, fitting.Nanoseconds, [function], mostPoints: 99)).MustSucceed());
        Assert.Equal(2, (await Bucket.TryAggregateAsync(null, range, 0, [function], mostPoints: 2)).MustSucceed().Count);
        (await Bucket.TryAggregateAsync(null, range, 0, [function], mostPoints: 1)).MustFail(ErrorCodes.ResultTooLarge);
    }

    [Fact]
    public async Task Sum_of_values_that_cancel_out_is_as_good_as_any()
    {
        // After a restart they lie in files, where each block knows its sum only as plain additions gave it.
        var values = Enumerable.Range(0, 4_000).Select(i => i % 2 == 0 ? 1e9 + (i / 10.0) : -1e9 - ((i - 1) / 10.0) + 1e-7).ToArray();
        await Bucket.WriteAsync(values.Select((value, i) => Some.Number("d", Some.Noon + (i * Some.Second), value)));
        await Store.RestartAsync();

        await AssertAsJudgedAsync(values, Some.Day, Simple);
        await AssertAsJudgedAsync(values, Some.Hour, Simple);
    }

    [Fact]
    public async Task Sum_that_no_number_can_hold_is_none_and_the_mean_is_told_nevertheless()
    {
        double[] values = [double.MaxValue, double.MaxValue, 1e308, -5];
        await Bucket.WriteAsync(values.Select((value, i) => Some.Number("d", Some.Noon + (i * Some.Second), value)));

        await AssertAsJudgedAsync(values, Some.Day, Simple);
        await AssertAsJudgedAsync(values, Some.Day, [AggregateFunction.Median, AggregateFunction.Sum]);
    }

    [Fact]
    public async Task What_was_overwritten_or_deleted_since_it_went_to_disk_counts_no_more()
    {
        var range = Range(Some.Noon, Some.Noon + Some.Day);
        await Bucket.WriteAsync(Some.Numbers("d", 5_000));
        await Store.RestartAsync();
        var sum = 4_999 * 5_000 / 2.0;
        await ExpectAsync(5_000, sum, 4_999);

        await Bucket.WriteAsync(Some.Number("d", Some.Noon + (10 * Some.Second), 1_010));
        await ExpectAsync(5_000, sum + 1_000, 4_999);

        Assert.Equal(500, await Bucket.DeleteAsync(from: Some.Noon + (4_500 * Some.Second)));
        sum = (4_499 * 4_500 / 2.0) + 1_000;
        await ExpectAsync(4_500, sum, 4_499);
        await Store.RestartAsync();
        await ExpectAsync(4_500, sum, 4_499);

        async Task ExpectAsync(params double[] expected)
        {
            var series = await AskAsync(range, Some.Day, AggregateFunction.Count, AggregateFunction.Sum, AggregateFunction.Last);
            Assert.Equal(expected, Assert.Single(Assert.Single(series).Points).Values);
        }
    }

    [Fact]
    public async Task What_is_older_than_the_bucket_keeps_is_not_aggregated()
    {
        var now = Timestamp.From(TimeProvider.System.GetUtcNow()).Nanoseconds;
        await Bucket.WriteAsync(Some.Number("d", now - (3 * Some.Hour), 7), Some.Number("d", now - Some.Second, 1));
        Assert.Equal(2, Assert.Single(Assert.Single(await AskAsync(AllTime, 0, AggregateFunction.Count)).Points).Values[0]);

        var changed = new Bucket(Bucket.Name, string.Empty, Retention.OfHours(1));
        (await Buckets.SaveAsync(changed, Application.Buckets.BucketCondition.None, Cancelled)).MustSucceed();

        var kept = await AskAsync(AllTime, 0, AggregateFunction.Count, AggregateFunction.Sum);
        Assert.Equal([1.0, 1], Assert.Single(Assert.Single(kept).Points).Values);
    }

    [Fact]
    public Task Windows_of_random_values_are_what_a_naive_calculation_makes_of_them() => Gen.Select(
        Gen.OneOf(Gen.Double[-1e6, 1e6], Gen.Int[-500, 500].Select(whole => whole / 10.0), Gen.Double[1e9, 1e9 + 1]).Array[1, 600],
        Gen.Int[1, 40],
        Gen.OneOf(1L, 10, 60, 3_600, 86_400),
        Gen.OneOf(All, Simple, [AggregateFunction.Min, AggregateFunction.Last]),
        Gen.Bool).SampleAsync(
        async (values, step, length, functions, restarts) =>
        {
            var bucket = await Fixture.NewBucketAsync();
            var written = values.Select((value, i) => Some.Number("d", Some.Noon - (200 * Some.Second) + (i * step * Some.Second), value)).ToList();
            await bucket.WriteAsync(written);
            if (restarts && values.Length > 300)
                await Store.RestartAsync();
            var range = Range(written[values.Length / 10].Timestamp.Nanoseconds, written[^1].Timestamp.Nanoseconds + 1);
            AssertJudged(written, range, length * Some.Second, functions, (await bucket.TryAggregateAsync(null, range, length * Some.Second, functions)).MustSucceed());
        },
        iter: Fixture.Histories,
        threads: 1);

    [Theory]
    [InlineData(0L)]
    [InlineData(Some.Hour)]
    [InlineData(Some.Day)]
    [InlineData(7 * Some.Day)]
    public async Task Windows_of_real_data_are_what_a_naive_calculation_makes_of_them(long length)
    {
        var folder = SharedData.Folder();
        SensorFile[] files =
        [
            SensorFile.ReadAirQuality(Path.Combine(folder, "air-quality-uci.csv")),
            .. Directory.GetFiles(Path.Combine(folder, "nab"), "*.csv").Order(StringComparer.Ordinal).Take(2).Select(SensorFile.ReadSeries),
        ];
        var written = files.SelectMany(file => file.Measurements.Select(row => Some.Key(file.Device).At(TimeOf(row.Key), row.Value.Select(field => (field.Key, (object)field.Value))))).ToList();
        foreach (var some in written.Chunk(TestBucket.LargestPage))
            await Bucket.WriteAsync(some);
        var range = Range(TimeOf("2004-01-01T00:00:00Z"), TimeOf("2016-01-01T00:00:00Z"));

        foreach (var functions in new[] { All, Simple })
        {
            var told = (await Bucket.TryAggregateAsync(null, range, length, functions, mostPoints: 1_000_000)).MustSucceed();
            Assert.True(told.Count > 13);
            AssertJudged(written, range, length, functions, told);
        }
    }

    private static TimeRange Range(long from, long to) => new(new Timestamp(from), new Timestamp(to));

    private static long TimeOf(string text)
    {
        Assert.Equal(Rfc3339.Outcome.Ok, Rfc3339.TryParse(System.Text.Encoding.UTF8.GetBytes(text), out var time));
        return time.Nanoseconds;
    }

    private static void AssertJudged(
        IEnumerable<Measurement> written, TimeRange range, long length, AggregateFunction[] functions, IReadOnlyList<AggregatedSeries> told)
    {
        var naive = new NaiveStore();
        foreach (var item in written)
            Assert.True(naive.Write(item.Key, item.Timestamp.Nanoseconds, [.. item.Fields.Select(field => (field.Name, field.Value))]));
        var filter = new MeasurementFilter(BucketName.Default, [], [], [], [], DeviceSet.All);
        var expected = naive.Aggregate(new MeasurementSelection(filter, range), length);
        Assert.Empty(NaiveAggregates.Compare(expected!, told, functions));
    }

    private async Task AssertAsJudgedAsync(double[] values, long length, AggregateFunction[] functions)
    {
        var written = values.Select((value, i) => Some.Number("d", Some.Noon + (i * Some.Second), value));
        var range = Range(Some.Noon, Some.Noon + Some.Day);
        AssertJudged(written, range, length, functions, await AskAsync(range, length, functions));
    }

    private Task<IReadOnlyList<AggregatedSeries>> AskAsync(TimeRange range, long length, params AggregateFunction[] functions) =>
        AskAsync(range, length, Bucket.All, functions);

    private async Task<IReadOnlyList<AggregatedSeries>> AskAsync(
        TimeRange range, long length, MeasurementFilter filter, params AggregateFunction[] functions) =>
        (await Bucket.TryAggregateAsync(filter, range, length, functions)).MustSucceed();
}
