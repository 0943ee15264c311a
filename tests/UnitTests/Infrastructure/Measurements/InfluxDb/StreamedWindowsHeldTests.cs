using System.Text.Json;
using IotBackend.Application.Measurements;
using IotBackend.Application.Measurements.Aggregates;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Measurements.Aggregates;
using IotBackend.Domain.Results;
using IotBackend.Infrastructure.Measurements.InfluxDb;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Measurements.InfluxDb;

public sealed class StreamedWindowsHeldTests
{
    private const int Most = 50;

    private static readonly FieldOfMeasurement[] Fields = [new("x", FieldType.Number), new("y", FieldType.Number)];

    [Fact]
    public void As_many_values_are_held_as_there_may_be()
    {
        var windows = new StreamedWindows(Query);
        Assert.True(windows.TryAdd(Rows("a", Most / 2), Fields));

        // Those of the series before are let go.
        Assert.True(windows.TryAdd(Rows("b", Most / 2), Fields));
        Assert.Equal(4, windows.Complete()!.Count);
    }

    [Fact]
    public async Task One_value_more_is_refused_with_what_there_may_be()
    {
        var windows = new StreamedWindows(Query);
        var read = await Failures.CatchAsync<bool>(NullLogger.Instance, BucketName.Default, () =>
        {
            Assert.True(windows.TryAdd(Rows("a", Most / 2), Fields));
            return Task.FromResult<Result<bool>>(windows.TryAdd(Rows("a", 1), Fields));
        });
        Assert.Equal((ErrorKind.Invalid, ErrorCodes.ResultTooLarge), (read.Error!.Kind, read.Error.Code));
        Assert.Equal(Most, read.Error.Details["limit"]);
    }

    private static AggregateQuery Query
    {
        get
        {
            var range = new TimeRange(new Timestamp(0), new Timestamp(1_000));
            var filter = new MeasurementFilter(BucketName.Default, [], [], [], [], DeviceSet.All);
            return new AggregateQuery(new MeasurementSelection(filter, range), new WindowGrid(range, 0), [AggregateFunction.Median], 1_000) { MaxHeldValues = Most };
        }
    }

    private static AnswerSeries Rows(string device, int count)
    {
        var rows = string.Join(',', Enumerable.Range(0, count).Select(i => $"[{i},{i},{i}]"));
        using var answer = JsonDocument.Parse($$"""{"name":"m","tags":{"device":"{{device}}"},"columns":["time","x","y"],"values":[{{rows}}]}""");
        return new AnswerSeries(answer.RootElement.Clone(), 0);
    }
}
