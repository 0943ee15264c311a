using IotBackend.Application.Measurements;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using IotBackend.IntegrationTests.Stores;
using Xunit;

namespace IotBackend.IntegrationTests.Influx.Exchanges;

/// <summary>What becomes of three measurements, the second of which the server may refuse.</summary>
public sealed class PartialWriteTests
{
    [Theory]
    [InlineData("v1/partial.http", "another type", ErrorCodes.FieldTypeConflict, "fields.value")]
    [InlineData("v1/partial.http", "too old", ErrorCodes.BeyondRetention, "timestamp")]
    [InlineData("v1/partial.http", "limit", ErrorCodes.RefusedByStore, "")]
    [InlineData("v2/partial.http", "another type", ErrorCodes.FieldTypeConflict, "fields.value")]
    [InlineData("v2/partial.http", "too old", ErrorCodes.BeyondRetention, "timestamp")]
    [InlineData("v2/partial.http", "limit", ErrorCodes.RefusedByStore, "")]
    [InlineData("v3/partial.http", "another type", ErrorCodes.FieldTypeConflict, "fields.value")]
    [InlineData("v3/partial.http", "a tag of that name", ErrorCodes.RefusedByStore, "")]
    [InlineData("v3/partial.http", "limit", ErrorCodes.RefusedByStore, "")]
    public async Task Refused_measurement_is_told_and_the_others_are_stored(string file, string title, string code, string field)
    {
        await using var store = RecordedStore.Play(file, title);
        using var batch = Batch();

        Assert.Equal(WriteOutcome.Stored, (await WriteAsync(store, batch)).MustSucceed());

        var fault = Assert.Single(batch.Faults);
        Assert.Equal((1, code, field), (fault.Index, fault.Code, fault.Field ?? string.Empty));
    }

    [Theory]
    [InlineData("v1/partial.http")]
    [InlineData("v2/partial.http")]
    [InlineData("v3/partial.http")]
    public async Task Measurements_wait_for_a_server_that_has_no_time(string file)
    {
        await using var store = RecordedStore.Play(file, "busy");
        using var batch = Batch();

        Assert.Equal(WriteOutcome.Queued, (await WriteAsync(store, batch)).MustSucceed());
        Assert.Empty(batch.Faults);
    }

    [Theory]
    [InlineData("v1/partial.http")]
    [InlineData("v2/partial.http")]
    [InlineData("v3/partial.http")]
    public async Task Bucket_that_went_meanwhile_is_not_found(string file)
    {
        await using var store = RecordedStore.Play(file, "gone");
        using var batch = Batch();

        (await WriteAsync(store, batch)).MustFail(ErrorCodes.BucketNotFound);
    }

    [Theory]
    [InlineData("v1/partial.http")]
    [InlineData("v2/partial.http")]
    [InlineData("v3/partial.http")]
    public async Task Lines_are_compressed_on_a_long_way(string file)
    {
        await using var store = RecordedStore.Play(file, "compressed", "GzipAboveBytes=1");
        using var batch = Batch();

        Assert.Equal(WriteOutcome.Stored, (await WriteAsync(store, batch)).MustSucceed());
    }

    private static MeasurementBatch Batch() => TestBucket.BatchOf(Enumerable.Range(1, 3).Select(i => Some.Number($"d-{i}", Some.Noon + i, i)));

    private static async Task<Result<WriteOutcome>> WriteAsync(RecordedStore store, MeasurementBatch batch) =>
        await store.Measurements.WriteAsync(RecordedStore.Plant.Name, batch, TestContext.Current.CancellationToken);
}
