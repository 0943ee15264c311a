using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using Xunit;

namespace IotBackend.IntegrationTests.Stores;

public abstract class SourceTests(StoreFixture fixture) : StoreTests(fixture)
{
    private static readonly TimeRange AllTimes = new(Timestamp.MinValue, Timestamp.MaxValue);

    [Fact]
    public async Task Empty_bucket_has_no_devices()
    {
        Assert.Empty(await ListAsync());
        Assert.Empty(await ReadAsync("d"));
    }

    [Fact]
    public async Task Devices_come_once_in_the_order_of_their_bytes()
    {
        string[] devices = ["b", "A", "a b", "\U00010400", "\uFB00", "a"];
        await Bucket.WriteAsync(devices.SelectMany(device => new[] { Some.Number(device, Some.Noon), Some.Key(device, "other").At(Some.Noon + Some.Day, ("v", 1)) }));

        Assert.Equal(["A", "a", "a b", "b", "\uFB00", "\U00010400"], await ListAsync());
    }

    [Fact]
    public async Task Device_comes_key_after_key_each_ascending_by_time_and_in_the_same_order_each_time()
    {
        var keys = new[] { Some.Key("d"), Some.Key("d", "telemetry", ("a", "x")), Some.Key("d", "telemetry", ("b", "x\\, y")), Some.Key("d", "m") };
        var written = Enumerable.Range(0, 40).Select(i => keys[i * 7 % 4].At(Some.Noon - (i * 13 % 40 * Some.Hour), ("v", i), ("text", $"a \"{i}\"\n"), ("odd", i % 2 == 1))).ToArray();
        await Bucket.WriteAsync(written);
        await Bucket.WriteAsync(Some.Numbers("another", 5));

        var read = await ReadAsync("d");

        Show.Equal(written.OrderBy(TestBucket.PositionOf), read.OrderBy(TestBucket.PositionOf));
        Assert.Equal(4, read.Zip(read.Skip(1)).Count(pair => pair.First.Key != pair.Second.Key) + 1);
        Assert.All(read.Zip(read.Skip(1)).Where(pair => pair.First.Key == pair.Second.Key), pair => Assert.True(pair.First.Timestamp < pair.Second.Timestamp));
        Show.Equal(read, await ReadAsync("d"));
    }

    [Fact]
    public async Task Order_of_keys_stays_when_fields_and_keys_appear_between_two_readings()
    {
        var keys = new[] { Some.Key("d"), Some.Key("d", "telemetry", ("a", "x")), Some.Key("d", "m") };
        await Bucket.WriteAsync(keys.SelectMany(key => Enumerable.Range(0, 3).Select(i => key.At(Some.Noon + (i * Some.Second), ("middle", i)))));
        var before = (await ReadAsync("d")).Select(one => one.Key).Distinct().ToArray();

        // Whoever goes on with a broken-off export finds the key where it was, and after it what came after it.
        await Bucket.WriteAsync(keys.Reverse().Select(key => key.At(Some.Noon + Some.Second, ("a first", 1), ("z last", 2))).Append(Some.Key("d", "between", ("c", "y")).At(Some.Noon, ("a", 1))));
        var after = await ReadAsync("d");

        Assert.Equal(before, after.Select(one => one.Key).Distinct().Where(before.Contains));
        Assert.Equal(4, after.Zip(after.Skip(1)).Count(pair => pair.First.Key != pair.Second.Key) + 1);
        Assert.All(after.Zip(after.Skip(1)).Where(pair => pair.First.Key == pair.Second.Key), pair => Assert.True(pair.First.Timestamp < pair.Second.Timestamp));
    }

    [Fact]
    public async Task More_than_fits_into_a_part_comes_in_several()
    {
        var written = Some.Numbers("d", 25_000, step: Some.Second / 10).ToArray();
        foreach (var some in written.Chunk(TestBucket.LargestPage))
            await Bucket.WriteAsync(some);
        var parts = new List<int>();

        var read = await ReadAsync("d", take: part => parts.Add(part.Count));

        Show.Equal(written, read);
        Assert.True(parts.Count >= 3, "It came in one part.");
        Assert.All(parts, part => Assert.InRange(part, 1, 10_000));
    }

    [Fact]
    public async Task Range_holds_its_start_and_not_its_end()
    {
        await Bucket.WriteAsync(Some.Numbers("d", 10));

        var read = await ReadAsync("d", new TimeRange(new Timestamp(Some.Noon + (2 * Some.Second)), new Timestamp(Some.Noon + (5 * Some.Second))));

        Show.Equal(Some.Numbers("d", 10).Skip(2).Take(3), read);
        Assert.Empty(await ReadAsync("d", new TimeRange(new Timestamp(Some.Noon), new Timestamp(Some.Noon))));
    }

    [Fact]
    public async Task Bucket_that_does_not_exist_is_told()
    {
        var missing = BucketName.TryParse("missing", out _)!;

        (await Store.Source.ListDevicesAsync(missing, Cancelled)).MustFail(ErrorCodes.BucketNotFound);
    }

    private async Task<IReadOnlyList<string>> ListAsync() => (await Store.Source.ListDevicesAsync(Bucket.Name, Cancelled)).MustSucceed();

    private async Task<List<Measurement>> ReadAsync(string device, TimeRange? range = null, Action<IReadOnlyList<Measurement>>? take = null)
    {
        var read = new List<Measurement>();
        var count = (await Store.Source.ReadAsync(Bucket.Name, device, range ?? AllTimes, Take, Cancelled)).MustSucceed();
        Assert.Equal(read.Count, count);
        return read;

        ValueTask Take(IReadOnlyList<Measurement> part)
        {
            take?.Invoke(part);
            read.AddRange(part);
            return ValueTask.CompletedTask;
        }
    }
}
