using IotBackend.Domain.Results;
using IotBackend.Infrastructure.Measurements.Spool;
using Microsoft.Extensions.Logging;
using Xunit;
using static IotBackend.UnitTests.Infrastructure.Measurements.Spool.TestSpool;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Spool;

/// <summary>Disks that are full or refuse, while the spool runs.</summary>
public sealed class SpoolFaultTests
{
    private static readonly string Large = new('x', 100_000);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_full_disk_keeps_nothing_of_what_it_refuses_loses_nothing_and_needs_no_restart()
    {
        using var spool = new TestSpool();
        await spool.AppendAsync(A, "before");
        spool.Queue.File.LimitGrowth(0);

        Assert.Equal(SpoolAppend.Failed, await spool.TryAppendAsync(A, Large));

        Assert.True(spool.Queue.IsFailing);
        Assert.Equal((1, 1, 6), (spool.Queue.WaitingIn(A), spool.Queue.Status.Entries, spool.Queue.Status.Bytes));
        Assert.Equal(["before"], await spool.PayloadsAsync(A));
        using (var crashed = spool.Crashed())
            Assert.Equal(["before"], await crashed.PayloadsAsync(A));

        spool.Queue.File.LimitGrowth(Unlimited);
        await spool.AppendAsync(A, Large);
        Assert.False(spool.Queue.IsFailing);
        spool.Restart();
        Assert.Equal(["before", Large], await spool.PayloadsAsync(A));
    }

    [Fact]
    public async Task What_a_full_disk_refused_takes_no_room_of_the_bound()
    {
        using var spool = new TestSpool(maxBytes: Large.Length);
        spool.Queue.File.LimitGrowth(0);
        for (var i = 0; i < 3; i++)
            Assert.Equal(SpoolAppend.Failed, await spool.TryAppendAsync(A, Large));
        spool.Queue.File.LimitGrowth(Unlimited);

        await spool.AppendAsync(A, Large);
    }

    [Fact]
    public async Task A_full_disk_still_drains_while_others_try_to_append()
    {
        using var spool = new TestSpool();
        await spool.AppendAsync(A, Large, Large);
        spool.Queue.File.LimitGrowth(0);
        var entries = await spool.PeekAsync(A);

        var refused = Enumerable.Range(0, 20).Select(_ => spool.TryAppendAsync(B, new string('x', 1_000_000))).ToList();
        var completed = spool.Queue.CompleteAsync(entries, [Refusal(entries[0])]);
        refused.AddRange(Enumerable.Range(0, 20).Select(_ => spool.TryAppendAsync(B, new string('x', 1_000_000))));

        Assert.True(await completed);
        Assert.All(await Task.WhenAll(refused), answer => Assert.Equal(SpoolAppend.Failed, answer));
        Assert.Empty(await spool.PeekAsync(A));
        Assert.Single(await spool.RefusedAsync());
    }

    [Fact]
    public async Task A_disk_that_refuses_writes_changes_nothing_and_is_told_to_everyone()
    {
        using var spool = new TestSpool();
        await spool.AppendAsync(A, "refused");
        await spool.RefuseAllAsync(A);
        await spool.AppendAsync(A, "waits");
        var (before, refused, entries) = (spool.Queue.Status, await spool.RefusedAsync(), await spool.PeekAsync(A));
        spool.Queue.File.RefuseWrites();

        Assert.Equal(SpoolAppend.Failed, await spool.TryAppendAsync(A, "more"));
        Assert.False(await spool.Queue.CompleteAsync(entries, [Refusal(entries[0])]));
        await Assert.ThrowsAsync<IOException>(() => spool.Queue.DropAsync(A));
        var errors = new[] { (await spool.Queue.ReplayAsync([], null, Cancel)).Error, (await spool.Queue.DiscardAsync([], refused[0].Id, Cancel)).Error };

        Assert.All(errors, error => Assert.Equal((ErrorKind.Unavailable, ErrorCodes.StorageUnavailable), (error!.Kind, error.Code)));
        Assert.All(errors, error => Assert.NotNull(error!.RetryAfter));
        Assert.Equal(before, spool.Queue.Status);
        Assert.Equal(1, spool.Queue.WaitingIn(A));
        spool.Restart();
        Assert.Equal(["waits"], await spool.PayloadsAsync(A));
        Assert.Equal(refused, await spool.RefusedAsync());
    }

    [Fact]
    public async Task What_is_damaged_waits_when_it_can_not_be_set_aside_now()
    {
        using var spool = new TestSpool();
        await spool.AppendAsync(A, "the entry to be damaged", "after");
        spool.Close();
        Damage(spool.Folder, "the entry to be damaged");
        spool.Open();
        spool.Queue.File.RefuseWrites();

        await Assert.ThrowsAsync<IOException>(() => spool.PayloadsAsync(A, maxBytes: 1));
        Assert.Equal(["after"], await spool.PayloadsAsync(A));
        Assert.Equal(2, spool.Queue.WaitingIn(A));
    }

    [Fact]
    public async Task A_disk_that_goes_on_refusing_is_logged_once_and_is_no_news_after_a_while()
    {
        var (log, options, time) = (new ErrorCounter(), new SpoolOptions(), TimeProvider.System);
        var folder = Directory.CreateTempSubdirectory("iot-spool-").FullName;
        using (var queue = new SpoolQueue(folder, options, time, log))
        {
            queue.File.RefuseWrites();
            for (var i = 0; i < 10; i++)
                Assert.Equal(SpoolAppend.Failed, await queue.AppendAsync(A, 1, "x"u8.ToArray()));
            Assert.Equal(1, log.Errors);
        }

        Directory.Delete(folder, recursive: true);
        using var spool = new TestSpool();
        spool.Queue.File.RefuseWrites();
        Assert.Equal(SpoolAppend.Failed, await spool.TryAppendAsync(A, "x"));
        spool.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.True(spool.Queue.IsFailing);
        spool.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.False(spool.Queue.IsFailing);
    }

    [Fact]
    public async Task What_was_drained_gives_its_room_back_while_the_spool_runs()
    {
        using var spool = new TestSpool();
        var appends = Enumerable.Range(0, 200).Select(_ => spool.AppendAsync(A, Large));
        await Task.WhenAll(appends.ToList());
        Assert.True(BytesOf(spool.Folder) > 20_000_000);

        await spool.CompleteAsync(await spool.PeekAsync(A));

        for (var i = 0; BytesOf(spool.Folder) > 3 << 20; i++)
        {
            Assert.True(i < 1_000, $"{BytesOf(spool.Folder)} bytes are left.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
        }

        await spool.AppendAsync(A, "after");
        Assert.Equal(["after"], await spool.PayloadsAsync(A));
    }

    private static long BytesOf(string folder) => new DirectoryInfo(folder).EnumerateFiles().Sum(file => file.Length);

    private sealed class ErrorCounter : ILogger<SpoolQueue>
    {
        private int _errors;

        public int Errors => _errors;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel == LogLevel.Error)
                Interlocked.Increment(ref _errors);
        }
    }
}
