using IotBackend.Domain.Buckets;
using IotBackend.Infrastructure.Measurements.InfluxDb;
using Xunit;

namespace IotBackend.IntegrationTests.Influx.Exchanges;

/// <summary>Buckets as each version administers them.</summary>
public sealed class BucketExchangeTests
{
    private const string V1 = "v1/buckets.http";
    private const string V2 = "v2/buckets.http";
    private const string V3 = "v3/buckets.http";

    private static readonly Bucket Plant = new(Name("plant"), "All of \"plant\" 1", Retention.OfHours(72));
    private static readonly Bucket Bare = new(Name("plant"), string.Empty, Retention.Forever);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Databases_of_1_x_are_listed_with_their_default_policies() =>
        Assert.Equal([Plant, new(Name("plant/2"), string.Empty, Retention.Forever)], await ListAsync(V1));

    /// <summary>What no bucket here can be called is left out, and parts of hours are whole ones.</summary>
    [Fact]
    public async Task Buckets_of_2_x_are_listed_and_get_a_mapping_where_they_have_none() => Assert.Equal(
        [Plant, new(Name("plant/2"), string.Empty, Retention.Forever), new(Name("by others"), string.Empty, Retention.OfHours(2))], await ListAsync(V2));

    [Fact]
    public async Task Databases_of_3_x_are_listed_with_their_retention() => Assert.Equal(
        [Plant with { Description = string.Empty }, new(Name("plant-2"), string.Empty, Retention.Forever), new(Name("others"), string.Empty, Retention.OfHours(2))],
        await ListAsync(V3));

    [Fact]
    public Task Database_of_1_x_is_created_with_its_description() => AdministerAsync(V1, "create", buckets => buckets.CreateAsync(Plant, Cancelled));

    [Fact]
    public Task Bucket_of_2_x_is_created_with_its_mapping() => AdministerAsync(V2, "create", buckets => buckets.CreateAsync(Plant, Cancelled));

    [Fact]
    public async Task Database_of_3_x_is_created_with_and_without_a_retention()
    {
        await AdministerAsync(V3, "create", buckets => buckets.CreateAsync(Plant with { Description = string.Empty }, Cancelled));
        await AdministerAsync(V3, "create for ever", buckets => buckets.CreateAsync(Bare, Cancelled));
    }

    [Fact]
    public async Task Retention_changes_to_for_ever_in_1_x_and_2_x()
    {
        foreach (var file in new[] { V1, V2 })
            await AdministerAsync(file, "change", buckets => buckets.ChangeAsync(new(Name("plant/2"), string.Empty, Retention.Forever), Cancelled));
    }

    [Fact]
    public async Task Retention_of_3_x_changes()
    {
        await AdministerAsync(V3, "change", buckets => buckets.ChangeAsync(Bare with { Retention = Retention.OfHours(Retention.MaxHours) }, Cancelled));
        await AdministerAsync(V3, "change to for ever", buckets => buckets.ChangeAsync(Bare, Cancelled));
    }

    [Theory]
    [InlineData(V1)]
    [InlineData(V2)]
    [InlineData(V3)]
    public Task Bucket_is_deleted(string file) => AdministerAsync(file, "delete", buckets => buckets.DeleteAsync(Plant.Name, Cancelled));

    [Theory]
    [InlineData(V2)]
    [InlineData(V3)]
    public async Task Bucket_that_is_gone_is_told(string file)
    {
        var exception = await FailAsync(file, "gone", buckets => buckets.DeleteAsync(Plant.Name, Cancelled));

        Assert.Equal(InfluxDbFailure.BucketNotFound, exception.Failure);
    }

    [Theory]
    [InlineData(V2)]
    [InlineData(V3)]
    public async Task Bucket_that_another_has_made_meanwhile_is_refused(string file)
    {
        var exception = await FailAsync(file, "there already", buckets => buckets.CreateAsync(Bare, Cancelled));

        Assert.Equal(InfluxDbFailure.Refused, exception.Failure);
        Assert.Contains("already exists", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_of_3_x_that_is_full_is_told_as_one_that_can_not()
    {
        var exception = await FailAsync(V3, "no more room", buckets => buckets.CreateAsync(Bare, Cancelled));

        Assert.Equal(InfluxDbFailure.NotSupported, exception.Failure);
    }

    [Theory]
    [InlineData(V1, "no credentials")]
    [InlineData(V2, "no token")]
    [InlineData(V3, "no token")]
    public async Task Server_that_refuses_the_credentials_lists_nothing(string file, string title)
    {
        var exception = await FailAsync(file, title, buckets => buckets.ListAsync(Cancelled));

        Assert.Equal(InfluxDbFailure.Refused, exception.Failure);
        Assert.StartsWith("401", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(V1)]
    [InlineData(V2)]
    public Task Size_is_that_of_all_its_shards(string file) => AdministerAsync(
        file, "size", async buckets => Assert.Equal(4_096 + 1_048_576, await buckets.BytesAsync(Plant.Name, Cancelled)));

    [Theory]
    [InlineData("size that is not told")]
    [InlineData("size that a page does not tell")]
    public Task Size_is_unknown_where_2_x_tells_no_metrics(string title) =>
        AdministerAsync(V2, title, async buckets => Assert.Null(await buckets.BytesAsync(Plant.Name, Cancelled)));

    private static BucketName Name(string name) => BucketName.TryParse(name, out _)!;

    private static async Task<IReadOnlyList<Bucket>> ListAsync(string file)
    {
        await using var store = RecordedStore.Play(file, "list");
        return await (await store.AdministerAsync()).ListAsync(Cancelled);
    }

    private static async Task AdministerAsync(string file, string title, Func<IBucketAdministration, Task> work)
    {
        await using var store = RecordedStore.Play(file, title);
        await work(await store.AdministerAsync());
    }

    private static async Task<InfluxDbException> FailAsync(string file, string title, Func<IBucketAdministration, Task> work)
    {
        await using var store = RecordedStore.Play(file, title);
        var administration = await store.AdministerAsync();
        return await Assert.ThrowsAsync<InfluxDbException>(() => work(administration));
    }
}
