using IotBackend.Application.Devices;
using IotBackend.Domain.Access;
using IotBackend.Domain.Measurements;
using Xunit;

namespace IotBackend.IntegrationTests.Stores;

public abstract class DirectoryTests(StoreFixture fixture) : StoreTests(fixture)
{
    [Fact]
    public async Task Devices_are_listed_by_name_with_what_they_have_sent()
    {
        var before = Now;
        await Bucket.WriteAsync(Some.Numbers("b", 3).Concat(Some.Numbers("a/1%", 2)).Append(Some.Key("b", "other", ("t", "1")).At(1, ("x", true), ("y", 2))));
        await Bucket.WriteAsync(Some.Numbers("ä", 1));

        var listed = await ListAsync();

        Assert.Equal([("a/1%", 2), ("b", 4), ("ä", 1)], listed.Select(device => (device.Device, device.Measurements)));
        Assert.All(listed, device => Assert.True(device.FirstSeen <= device.LastSeen));
        if (Fixture is EmbeddedStoreFixture)
            Assert.All(listed, device => Assert.True(device.FirstSeen >= before && device.LastSeen <= Now));
        Assert.Equal(listed[1], await FindAsync("b"));
        Assert.Null(await FindAsync("c"));
    }

    [Fact]
    public async Task Restart_keeps_the_counts_and_what_comes_later_is_added()
    {
        await Bucket.WriteAsync(Some.Numbers("d", 5));
        var first = (await ListAsync()).Single();
        await Store.RestartAsync();
        Assert.Equal(first, (await ListAsync()).Single());

        await Bucket.WriteAsync(Some.Numbers("d", 7, first: Some.Noon + Some.Hour));
        await Store.RestartAsync();

        Assert.Equal((12L, first.FirstSeen), ((await ListAsync()).Single().Measurements, (await ListAsync()).Single().FirstSeen));
    }

    [Fact]
    public async Task What_is_rewritten_counts_again_and_what_is_rejected_does_not_count()
    {
        await Bucket.WriteAsync(Some.Numbers("d", 5));
        await Bucket.WriteAsync(Some.Numbers("d", 5));
        Assert.NotEmpty(await Bucket.TryWriteAsync(Some.Key("d").At(Some.Noon, ("value", "text"))));

        Assert.Equal(10, (await FindAsync("d"))!.Measurements);
    }

    [Fact]
    public async Task Device_of_which_everything_was_deleted_is_forgotten_and_begins_anew()
    {
        await Bucket.WriteAsync(Some.Numbers("gone", 5).Concat(Some.Numbers("kept", 4)));
        await Bucket.DeleteAsync(Bucket.Of("kept"), to: Some.Noon + (2 * Some.Second));
        await Bucket.DeleteAsync(Bucket.Of("gone"));
        Assert.Equal([("kept", 4L)], (await ListAsync()).Select(device => (device.Device, device.Measurements)));

        await Store.RestartAsync();
        Assert.Equal([("kept", 4L)], (await ListAsync()).Select(device => (device.Device, device.Measurements)));

        await Bucket.WriteAsync(Some.Numbers("gone", 2));
        await Store.RestartAsync();
        Assert.Equal([("gone", 2L), ("kept", 4L)], (await ListAsync()).Select(device => (device.Device, device.Measurements)));
    }

    [Fact]
    public async Task Page_after_page_every_device_is_listed_once()
    {
        var names = Enumerable.Range(0, 57).Select(i => $"d-{i:00}").ToList();
        await Bucket.WriteAsync(names.Select(name => Some.Number(name, Some.Noon)).Reverse());
        foreach (var limit in new[] { 1, 10, 56, 57, 58 })
        {
            var read = new List<string>();
            for (var hasMore = true; hasMore;)
            {
                var page = await PageAsync(limit: limit, after: read.LastOrDefault());
                Assert.InRange(page.Items.Count, 1, limit);
                read.AddRange(page.Items.Select(device => device.Device));
                hasMore = page.HasMore;
            }

            Assert.Equal(names, read);
        }
    }

    [Fact]
    public async Task Filters_take_what_they_say_and_only_what_may_be_seen()
    {
        await Bucket.WriteAsync(new[] { "a-1", "a-2", "b-1", "b-2", "c" }.Select(name => Some.Number(name, Some.Noon)));

        Assert.Equal(["b-1", "b-2"], Names(await PageAsync(prefix: "b-")));
        Assert.Equal(["a-2", "c"], Names(await PageAsync(visible: new DeviceSet([DevicePattern.Parse("c"), DevicePattern.Parse("a-2*")]))));
        Assert.Equal(["a-1", "a-2", "c"], Names(await PageAsync(visible: new DeviceSet([DevicePattern.Parse("a-*"), DevicePattern.Parse("a-1"), DevicePattern.Parse("c*")]))));
        Assert.Empty((await PageAsync(prefix: "b", visible: new DeviceSet([DevicePattern.Parse("a-*")]))).Items);
        var last = (await FindAsync("c"))!.LastSeen;
        Assert.Contains("c", Names(await PageAsync(active: last)));
        Assert.DoesNotContain("c", Names(await PageAsync(inactive: last)));
        Assert.Contains("c", Names(await PageAsync(inactive: new Timestamp(last.Nanoseconds + 1))));
        Assert.DoesNotContain("c", Names(await PageAsync(active: new Timestamp(last.Nanoseconds + 1))));
    }

    private static Timestamp Now => Timestamp.From(TimeProvider.System.GetUtcNow());

    private static IEnumerable<string> Names(DevicePage page) => page.Items.Select(device => device.Device);

    private async Task<IReadOnlyList<DeviceSummary>> ListAsync() => (await PageAsync()).Items;

    private async Task<DeviceSummary?> FindAsync(string device) => (await Store.Devices.FindAsync(Bucket.Name, device, Cancelled)).MustSucceed();

    private async Task<DevicePage> PageAsync(
        string prefix = "", DeviceSet? visible = null, Timestamp? active = null, Timestamp? inactive = null, int limit = 1_000, string? after = null) =>
        (await Store.Devices.ListAsync(new DeviceQuery(Bucket.Name, visible ?? DeviceSet.All, prefix, active, inactive, limit, after), Cancelled)).MustSucceed();
}
