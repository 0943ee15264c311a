using IotBackend.Application.Buckets;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using Xunit;
using BucketRules = IotBackend.Domain.Buckets.Bucket;

namespace IotBackend.IntegrationTests.Stores;

/// <summary>What InfluxDB 3.x does where it can not do what is asked of every store.</summary>
public sealed class Influx3OwnTests(Influx3StoreFixture fixture) : StoreTests(fixture), IClassFixture<Influx3StoreFixture>
{
    private static long Now => Timestamp.From(TimeProvider.System.GetUtcNow()).Nanoseconds;

    [Fact]
    public async Task Retention_is_kept_and_changes_and_measurements_stay()
    {
        var written = Some.Numbers("d", 10, Now, step: 1).ToList();
        await Bucket.WriteAsync(written);

        foreach (var retention in new[] { Retention.OfHours(1), Retention.OfHours(Retention.MaxHours), Retention.Forever })
        {
            var changed = new BucketRules(Bucket.Name, string.Empty, retention);
            Assert.Equal(new BucketChange(changed, IsNew: false), (await Buckets.SaveAsync(changed, BucketCondition.None, Cancelled)).MustSucceed());
            await Store.RestartAsync();
            Assert.Contains(changed, (await Buckets.ListAsync(Cancelled)).MustSucceed());
        }

        await Bucket.AssertHoldsAsync(written);
    }

    [Fact]
    public async Task What_is_older_than_the_retention_is_hidden_but_may_be_seen_again_when_that_is_lengthened()
    {
        var (old, recent) = (Some.Number("d", Now - (3 * Some.Hour), 1), Some.Number("d", Now, 2));
        await Bucket.WriteAsync(old, recent);

        (await Buckets.SaveAsync(new BucketRules(Bucket.Name, string.Empty, Retention.OfHours(1)), BucketCondition.None, Cancelled)).MustSucceed();
        await Bucket.AssertHoldsAsync(recent);
        Assert.Equal(1, await Bucket.CountAsync());

        (await Buckets.SaveAsync(new BucketRules(Bucket.Name, string.Empty, Retention.Forever), BucketCondition.None, Cancelled)).MustSucceed();
        await Bucket.AssertHoldsAsync(old, recent);
    }

    [Fact]
    public async Task Description_is_not_supported_and_nothing_is_made_or_changed()
    {
        var fresh = new BucketRules(BucketName.TryParse("described", out _)!, "x", Retention.Forever);
        var there = new BucketRules(Bucket.Name, "x", Retention.OfHours(1));

        (await Buckets.SaveAsync(fresh, BucketCondition.None, Cancelled)).MustFail(ErrorCodes.NotSupportedByStore);
        (await Buckets.SaveAsync(there, BucketCondition.None, Cancelled)).MustFail(ErrorCodes.NotSupportedByStore);

        (await Buckets.FindAsync(fresh.Name, Cancelled)).MustFail(ErrorCodes.BucketNotFound);
        Assert.Equal(new BucketRules(Bucket.Name, string.Empty, Retention.Forever), (await Buckets.FindAsync(Bucket.Name, Cancelled)).MustSucceed());
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("a.b")]
    [InlineData("ü")]
    [InlineData("-a")]
    [InlineData("..")]
    public async Task Name_that_it_can_not_have_is_not_supported(string name) =>
        (await SaveAsync(name)).MustFail(ErrorCodes.NotSupportedByStore);

    [Theory]
    [InlineData("a")]
    [InlineData("A")]
    [InlineData("1")]
    [InlineData("a-b_C-")]
    public async Task Name_that_it_can_have_is_a_name(string name)
    {
        (await SaveAsync(name)).MustSucceed();
        var bucket = new TestBucket(Store, BucketName.TryParse(name, out _)!);
        await bucket.WriteAsync(Some.Number("d", Some.Noon));

        await bucket.AssertHoldsAsync(Some.Number("d", Some.Noon));
        (await Buckets.DeleteAsync(bucket.Name, BucketCondition.None, Cancelled)).MustSucceed();
        (await Buckets.FindAsync(bucket.Name, Cancelled)).MustFail(ErrorCodes.BucketNotFound);
    }

    [Fact]
    public async Task Field_that_is_called_like_a_tag_is_refused_and_the_others_are_stored()
    {
        var tagged = Some.Key("d", "m", ("a", "tag")).At(1, ("b", 1));
        await Bucket.WriteAsync(tagged);

        var faults = await Bucket.TryWriteAsync(Some.Key("d", "m").At(2, ("a", 2)), Some.Key("d", "m").At(3, ("b", 3)), Some.Key("d", "n").At(4, ("a", 4)));

        var fault = Assert.Single(faults);
        Assert.Equal((0, ErrorCodes.RefusedByStore), (fault.Index!.Value, fault.Code));
        await Bucket.AssertHoldsAsync(tagged, Some.Key("d", "m").At(3, ("b", 3)), Some.Key("d", "n").At(4, ("a", 4)));
    }

    [Theory]
    [MemberData(nameof(NameTests.Names), MemberType = typeof(NameTests))]
    public async Task Name_is_a_name_wherever_it_stands_alone(string name)
    {
        var written = new[]
        {
            Some.Key(name, name, ("plain", name)).At(1, (name, 1)),
            Some.Key("plain", name).At(2, (name + "2", "x")),
            Some.Key("plain", "plain 1", (name, "x")).At(3, ("other", "y")),
            Some.Key("plain", "plain 2").At(4, (name, true)),
        };
        await Bucket.WriteAsync(written);

        await Bucket.AssertHoldsAsync(written);
        Show.Equal([written[0]], await Bucket.ReadAsync(Bucket.Of(name)));
        Show.Equal([written[0], written[1]], await Bucket.ReadAsync(Bucket.All with { Names = [name] }));
        Show.Equal([written[0], written[3]], await Bucket.ReadAsync(Bucket.All with { Fields = [name] }));
        Show.Equal([written[0]], await Bucket.ReadAsync(Bucket.All with { Tags = [new("plain", name)] }));
        Show.Equal([written[2]], await Bucket.ReadAsync(Bucket.All with { Tags = [new(name, "x")] }));
        Assert.Equal(written.Select(item => item.Key).Order(), (await Bucket.LatestAsync(limit: 2)).Select(item => item.Key));
    }

    private async Task<Result<BucketChange>> SaveAsync(string name) =>
        await Buckets.SaveAsync(new BucketRules(BucketName.TryParse(name, out _)!, string.Empty, Retention.Forever), BucketCondition.None, Cancelled);
}
