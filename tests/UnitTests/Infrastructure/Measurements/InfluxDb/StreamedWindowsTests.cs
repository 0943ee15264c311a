using System.Text;
using IotBackend.Application.Measurements;
using IotBackend.Application.Measurements.Aggregates;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Measurements.Aggregates;
using IotBackend.Infrastructure.Measurements.InfluxDb;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Measurements.InfluxDb;

public sealed class StreamedWindowsTests
{
    // Two rows of two fields with three values, in two windows of a field and one of the other.
    private const string Json =
        """
        {"results":[{"statement_id":0,"series":[{"name":"m","tags":{"device":"d"},"columns":["time","a","b"],"values":[[1,2,null],[11,3,4]]}]}]}
        """;

    private static readonly FieldOfMeasurement[] Fields = [new("a", FieldType.Number), new("b", FieldType.Number)];

    [Fact]
    public void As_many_values_as_it_takes_are_aggregated()
    {
        var windows = new StreamedWindows(Query(mostPoints: 3), mostValues: 3);

        Assert.True(Add(windows));

        Assert.False(windows.HasTooManyValues);
        Assert.Equal([("a", 0L, 2.0), ("a", 10, 3), ("b", 10, 4)], windows.Complete()!.SelectMany(series => series.Points.Select(point => (series.Field, point.Start, point.Values[0]))));
    }

    [Fact]
    public void One_value_more_makes_it_give_up()
    {
        var windows = new StreamedWindows(Query(mostPoints: 3), mostValues: 2);

        Assert.False(Add(windows));

        Assert.True(windows.HasTooManyValues);
    }

    [Fact]
    public void One_window_more_than_there_may_be_is_no_answer()
    {
        var windows = new StreamedWindows(Query(mostPoints: 2), mostValues: 3);

        Assert.False(Add(windows));

        Assert.False(windows.HasTooManyValues);
        Assert.Null(windows.Complete());
    }

    private static bool Add(StreamedWindows windows)
    {
        using var answer = QueryAnswer.Parse(Encoding.UTF8.GetBytes(Json));
        return windows.TryAdd(Assert.Single(answer.Series), Fields);
    }

    private static AggregateQuery Query(int mostPoints)
    {
        var filter = new MeasurementFilter(BucketName.Default, [], [], [], [], DeviceSet.All);
        var range = new TimeRange(new Timestamp(0), new Timestamp(100));
        return new AggregateQuery(new MeasurementSelection(filter, range), new WindowGrid(range, 10), [AggregateFunction.Sum], mostPoints);
    }
}
