using System.Text;
using IotBackend.Application.Caching;
using IotBackend.Application.Measurements;
using IotBackend.Application.Measurements.Aggregates;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Measurements.Aggregates;
using IotBackend.UnitTests.Domain.Measurements;
using NSubstitute;

namespace IotBackend.UnitTests.Caching;

/// <summary>Queries, declarations and answers for tests of the cache.</summary>
internal static class TestAnswers
{
    public const long Hour = 3_600 * Timestamp.NanosecondsPerSecond;
    public const long Day = 24 * Hour;

    public static readonly AnswerCaching Settings = new(TimeSpan.FromHours(1), TimeSpan.FromMinutes(60), TimeSpan.FromSeconds(60), 64 << 20);

    public static TimeRange AllTime { get; } = new(Timestamp.MinValue, Timestamp.MaxValue);

    public static AnswerDeclaration Declare(BucketName bucket, TimeRange range, params string[] devices) =>
        new($"{bucket}\n{range.From.Nanoseconds}-{range.To.Nanoseconds}\n{string.Join(',', devices)}", bucket, devices, range, null);

    public static ReadMeasurements Read(MeasurementTarget? target = null, TimeRange? range = null, bool isFixed = true, string address = "/measurements") =>
        new(target ?? MeasurementTarget.All, range ?? AllTime, SortOrder.Ascending, 1, null)
        {
            Format = Format<ReadMeasurements, MeasurementPage>(),
            Address = address,
            IsRangeFixed = isFixed,
        };

    public static AggregateMeasurements Aggregate(TimeRange range) =>
        new(MeasurementTarget.All, range, null, [AggregateFunction.Mean], WindowFill.None)
        {
            Format = Format<AggregateMeasurements, IReadOnlyList<AggregatedSeries>>(),
            Address = "/measurements?aggregate=mean",
        };

    public static ReadLatest ReadLatest() =>
        new(MeasurementTarget.All, 1, null) { Format = Format<ReadLatest, LatestPage>(), Address = "/measurements/latest" };

    public static Answer Answer(string text) => new(Encoding.UTF8.GetBytes(text), "text/plain");

    public static string TextOf(ServedAnswer served) => Encoding.UTF8.GetString(served.Answer.Body.Span);

    /// <summary>One number a row, at these times in nanoseconds.</summary>
    public static MeasurementBatch Batch(params (string Device, long Nanoseconds)[] rows)
    {
        var batch = new MeasurementBatch(default);
        var writer = new MeasurementBatchWriter(batch);
        foreach (var (device, nanoseconds) in rows)
        {
            writer.Begin();
            writer.Device(device).Number("x", 1).At(nanoseconds);
            writer.End();
        }

        return batch;
    }

    private static IAnswerFormat<TQuery, TPage> Format<TQuery, TPage>()
    {
        var format = Substitute.For<IAnswerFormat<TQuery, TPage>>();
        format.MediaType.Returns("application/json");
        format.Render(default!, default!).ReturnsForAnyArgs([]);
        return format;
    }
}
