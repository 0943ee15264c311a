using IotBackend.Application.Measurements;
using IotBackend.Domain.Access;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using IotBackend.IntegrationTests.Stores;
using Xunit;

namespace IotBackend.IntegrationTests.Influx.Exchanges;

/// <summary>What is asked of each version to read, count and delete, and what its answers mean.</summary>
public sealed class QueryExchangeTests
{
    private const string V1 = "v1/query.http";
    private const string V2 = "v2/query.http";
    private const string V3 = "v3/query.http";

    private static readonly MeasurementSelection Selection =
        new(new MeasurementFilter(RecordedStore.Plant.Name, ["d-1"], [], [], [], DeviceSet.All), new TimeRange(new Timestamp(0), new Timestamp(100)));

    private static readonly MeasurementKey Bare = Some.Key("d-1");
    private static readonly MeasurementKey Kitchen = Some.Key("d-1", tags: ("room", "kitchen"));

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(V1, "page")]
    [InlineData(V2, "page")]
    [InlineData(V3, "page")]
    [InlineData(V1, "busy for a moment")]
    [InlineData(V2, "busy for a moment")]
    [InlineData(V3, "busy for a moment")]
    public async Task Page_is_read(string file, string title)
    {
        await using var store = RecordedStore.Play(file, title);

        var page = (await ReadAsync(store)).MustSucceed();

        Assert.True(page.HasMore);
        Show.Equal(
            [Bare.At(1, ("value", 1.5)), Kitchen.At(1, ("on", false), ("value", 9007199254740993)), Kitchen.At(2, ("value", -0.0))], page.Items);
    }

    [Theory]
    [InlineData(V1)]
    [InlineData(V2)]
    public async Task Deletion_counts_and_deletes(string file)
    {
        await using var store = RecordedStore.Play(file, "delete");

        Assert.Equal(4, (await store.Measurements.DeleteAsync(Selection, dryRun: false, Cancelled)).MustSucceed());
    }

    [Fact]
    public async Task Deletion_is_counted_but_not_done_in_3_x()
    {
        await using var store = RecordedStore.Play(V3, "count");

        Assert.Equal(4, (await store.Measurements.DeleteAsync(Selection, dryRun: true, Cancelled)).MustSucceed());
        (await store.Measurements.DeleteAsync(Selection, dryRun: false, Cancelled)).MustFail(ErrorCodes.NotSupportedByStore);
    }

    [Theory]
    [InlineData(V1, "no bucket", ErrorCodes.BucketNotFound)]
    [InlineData(V2, "no bucket", ErrorCodes.BucketNotFound)]
    [InlineData(V2, "no mapping", ErrorCodes.BucketNotFound)]
    [InlineData(V3, "no bucket", ErrorCodes.BucketNotFound)]
    [InlineData(V1, "no credentials", ErrorCodes.StorageUnavailable)]
    [InlineData(V2, "no credentials", ErrorCodes.StorageUnavailable)]
    [InlineData(V3, "no credentials", ErrorCodes.StorageUnavailable)]
    [InlineData(V1, "too long", ErrorCodes.Timeout)]
    [InlineData(V2, "too long", ErrorCodes.Timeout)]
    [InlineData(V1, "misunderstood", ErrorCodes.StorageUnavailable)]
    [InlineData(V2, "misunderstood", ErrorCodes.StorageUnavailable)]
    [InlineData(V3, "misunderstood", ErrorCodes.StorageUnavailable)]
    [InlineData(V1, "broken off", ErrorCodes.StorageUnavailable)]
    [InlineData(V2, "broken off", ErrorCodes.StorageUnavailable)]
    [InlineData(V3, "broken off", ErrorCodes.StorageUnavailable)]
    [InlineData(V3, "failing", ErrorCodes.StorageUnavailable)]
    public async Task Failure_is_told_in_the_words_of_the_contract(string file, string title, string code)
    {
        await using var store = RecordedStore.Play(file, title);

        (await ReadAsync(store)).MustFail(code);
    }

    private static async Task<Result<MeasurementPage>> ReadAsync(RecordedStore store) =>
        await store.Measurements.ReadAsync(new MeasurementQuery(Selection, SortOrder.Ascending, 3, null), Cancelled);
}
