using IotBackend.Domain.Buckets;
using IotBackend.Infrastructure.Measurements.Spool;
using IotBackend.IntegrationTests.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace IotBackend.IntegrationTests.Faults;

/// <summary>The spool on a real disk that it fills.</summary>
public sealed class SpoolDiskTests
{
    private const int SmallMebibytes = 40;

    [Theory]
    [InlineData(100)]
    [InlineData(5_000)]
    [InlineData(1_000_000)]
    public async Task A_spool_that_filled_its_disk_drains_without_being_given_room(int payload)
    {
        await using var disk = await SmallDisk.MountAsync(SmallMebibytes);
        using var spool = Open(disk);
        var stored = await FillAsync(spool, payload);

        Assert.True(spool.IsFailing);
        Assert.Equal(stored, spool.WaitingIn(BucketName.Default));
        Assert.Equal(stored, await DrainAsync(spool));

        var again = 0L;
        await Eventually.TrueAsync(async () => (again += await FillAsync(spool, payload)) > stored / 2, "the room is given back");
        Assert.Equal(again, await DrainAsync(spool));
    }

    [Fact]
    public async Task A_spool_that_filled_its_disk_starts_again_and_drains()
    {
        await using var disk = await SmallDisk.MountAsync(SmallMebibytes);
        long stored;
        using (var spool = Open(disk))
            stored = await FillAsync(spool, 5_000);

        using var again = Open(disk);

        Assert.Equal(stored, await DrainAsync(again));
    }

    [Fact]
    public async Task On_a_disk_that_others_filled_nothing_is_lost_and_room_is_all_it_takes()
    {
        await using var disk = await SmallDisk.MountAsync(SmallMebibytes);
        using var spool = Open(disk);
        Assert.Equal(SpoolAppend.Stored, await AppendAsync(spool, 5_000));
        disk.FillBut(0);

        Assert.Equal(SpoolAppend.Failed, await AppendAsync(spool, 5_000));
        Assert.Single(await PeekAsync(spool));

        File.Delete(Path.Combine(disk.Path, "filler"));
        Assert.Equal(SpoolAppend.Stored, await AppendAsync(spool, 5_000));
        Assert.False(spool.IsFailing);
        Assert.Equal(2, await DrainAsync(spool));
    }

    private static SpoolQueue Open(SmallDisk disk) =>
        new(Path.Combine(disk.Path, "data"), new SpoolOptions(), TimeProvider.System, NullLogger<SpoolQueue>.Instance);

    private static async Task<long> FillAsync(SpoolQueue spool, int payload)
    {
        // Several at a time, so that their commits are shared and large.
        for (var stored = 0L; ;)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => AppendAsync(spool, payload)).ToList());
            stored += answers.Count(answer => answer == SpoolAppend.Stored);
            if (answers.Contains(SpoolAppend.Failed))
                return stored;
        }
    }

    private static async Task<long> DrainAsync(SpoolQueue spool)
    {
        for (var drained = 0L; ;)
        {
            var entries = await PeekAsync(spool);
            if (entries.Count == 0)
                return drained;
            Assert.True(await spool.CompleteAsync(entries, []), $"After {drained} entries the disk refused to remove more.");
            drained += entries.Count;
        }
    }

    private static Task<IReadOnlyList<SpoolEntry>> PeekAsync(SpoolQueue spool) =>
        spool.PeekAsync(BucketName.Default, 4 << 20, TestContext.Current.CancellationToken);

    private static Task<SpoolAppend> AppendAsync(SpoolQueue spool, int payload) => spool.AppendAsync(BucketName.Default, 1, new byte[payload]);
}
