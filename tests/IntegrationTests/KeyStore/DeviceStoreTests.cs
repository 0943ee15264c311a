using IotBackend.Application.Devices;
using IotBackend.Domain.Buckets;
using Xunit;

namespace IotBackend.IntegrationTests.KeyStore;

public abstract class DeviceStoreTests(KeyStoreFixture fixture) : KeyStoreTests(fixture)
{
    // More than go into two statements.
    private const int Many = 250;

    private static readonly DateTimeOffset Now = SomeKeys.Now;

    private readonly BucketName _bucket = BucketName.TryParse($"devices-{Guid.NewGuid():N}", out _)!;

    private IDeviceStore Devices => Node.Devices;

    [Fact]
    public async Task Counts_are_added_up_and_times_widened_whoever_adds_first()
    {
        await Devices.AddAsync([Of("d", 10, 20, 3)], Now, Cancelled);
        await Devices.AddAsync([Of("d", 5, 15, 10_000_000_000), Of("other", 1, 1, 1)], Now, Cancelled);
        await Devices.AddAsync([Of("d", 12, 30, 1)], Now, Cancelled);

        Assert.Equal([Of("d", 5, 30, 10_000_000_004), Of("other", 1, 1, 1)], await ListAsync(null));
    }

    [Fact]
    public async Task Many_are_added_at_once_by_several_at_a_time()
    {
        StoredDeviceCount[] all = [.. Enumerable.Range(0, Many).Select(i => Of($"d-{i:000}", 1, 2, 1))];

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Devices.AddAsync(all, Now, Cancelled)));

        Assert.Equal(all.Select(one => one with { Measurements = 4 }), await ListAsync(null));
    }

    [Fact]
    public async Task What_was_changed_since_a_time_is_told()
    {
        await Devices.AddAsync([Of("a", 1, 1, 1)], Now, Cancelled);
        await Devices.AddAsync([Of("b", 1, 1, 1)], Now.AddSeconds(10), Cancelled);

        Assert.Equal(["a", "b"], (await ListAsync(Now)).Select(one => one.Device));
        Assert.Equal(["b"], (await ListAsync(Now.AddSeconds(10))).Select(one => one.Device));
        Assert.Empty(await ListAsync(Now.AddSeconds(11)));
    }

    [Fact]
    public async Task Forgotten_devices_are_told_as_empty_and_begin_anew()
    {
        await Devices.AddAsync([Of("a", 1, 9, 5), Of("b", 1, 9, 5), Of("c", 1, 9, 5)], Now, Cancelled);

        await Devices.ForgetAsync(_bucket, ["a", "absent"], Now.AddSeconds(1), Cancelled);
        Assert.Equal([Of("a", 1, 9, 0)], await ListAsync(Now.AddSeconds(1)));
        await Devices.AddAsync([Of("a", 4, 6, 2)], Now.AddSeconds(2), Cancelled);
        Assert.Equal([Of("a", 4, 6, 2)], await ListAsync(Now.AddSeconds(1)));

        await Devices.ForgetAsync(_bucket, null, Now.AddSeconds(3), Cancelled);
        Assert.Equal([0L, 0L, 0L], (await ListAsync(Now.AddSeconds(3))).Select(one => one.Measurements));
    }

    [Fact]
    public async Task Filling_changes_nothing_that_is_there()
    {
        await Devices.AddAsync([Of("a", 5, 6, 7)], Now, Cancelled);

        await Devices.FillAsync([Of("a", 1, 9, 99), Of("b", 1, 2, 3)], Now, Cancelled);

        Assert.Equal([Of("a", 5, 6, 7), Of("b", 1, 2, 3)], await ListAsync(null));
    }

    private StoredDeviceCount Of(string device, long first, long last, long measurements) => new(_bucket, device, first, last, measurements);

    private async Task<IEnumerable<StoredDeviceCount>> ListAsync(DateTimeOffset? since) =>
        (await Devices.ListAsync(since, Cancelled)).Where(one => one.Bucket == _bucket).OrderBy(one => one.Device, StringComparer.Ordinal);
}
