using System.Collections.Concurrent;
using IotBackend.Domain.Buckets;
using IotBackend.Infrastructure.Measurements.Spool;
using Xunit;
using static IotBackend.UnitTests.Infrastructure.Measurements.Spool.TestSpool;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Spool;

/// <summary>What waits, in which order, and how it goes.</summary>
public sealed class SpoolQueueTests
{
    [Fact]
    public async Task What_waits_comes_back_as_it_was_in_the_order_in_which_it_came()
    {
        using var spool = new TestSpool();
        Assert.Equal(SpoolAppend.Stored, await spool.TryAppendAsync(A, "first", measurements: 3));
        spool.Time.Advance(TimeSpan.FromSeconds(5));
        await spool.AppendAsync(B, "elsewhere");
        await spool.AppendAsync(A, "second\nÄ😀", "");

        var entries = await spool.PeekAsync(A);

        Assert.Equal(["first", "second\nÄ😀", ""], entries.Select(Text));
        Assert.Equal((A, 3), (entries[0].Bucket, entries[0].Measurements));
        Assert.Equal(TimeSpan.FromSeconds(5), entries[1].At - entries[0].At);
        Assert.Equal(spool.Time.GetUtcNow(), entries[1].At);
        Assert.True(entries[0].Id < entries[1].Id && entries[1].Id < entries[2].Id);
        Assert.Equal(["elsewhere"], await spool.PayloadsAsync(B));
    }

    [Fact]
    public async Task Calls_that_do_not_wait_for_each_other_keep_their_order()
    {
        using var spool = new TestSpool();
        var payloads = Enumerable.Range(0, 5_000).Select(i => $"entry {i}").ToArray();

        await Task.WhenAll(payloads.Select(payload => spool.TryAppendAsync(A, payload)));

        Assert.Equal(payloads, await spool.PayloadsAsync(A));
    }

    [Fact]
    public async Task A_peek_takes_what_fits_and_at_least_one()
    {
        using var spool = new TestSpool();
        await spool.AppendAsync(A, "1234", "5678", "90");

        Assert.Equal(["1234", "5678", "90"], await spool.PayloadsAsync(A, 10));
        Assert.Equal(["1234", "5678"], await spool.PayloadsAsync(A, 9));
        Assert.Equal(["1234", "5678"], await spool.PayloadsAsync(A, 8));
        Assert.Equal(["1234"], await spool.PayloadsAsync(A, 7));
        Assert.Equal(["1234"], await spool.PayloadsAsync(A, 0));
        Assert.Empty(await spool.PayloadsAsync(B, 100));
    }

    [Fact]
    public async Task What_is_completed_is_gone_and_the_rest_waits_on()
    {
        using var spool = new TestSpool();
        await spool.AppendAsync(A, "1", "2", "3");
        var entries = await spool.PeekAsync(A);

        await spool.CompleteAsync([entries[0], entries[2]]);
        await spool.CompleteAsync([entries[0]]);

        Assert.Equal(["2"], await spool.PayloadsAsync(A));
        Assert.Equal(1, spool.Queue.WaitingIn(A));
        Assert.Equal((1, 1, 1), (spool.Queue.Status.Entries, spool.Queue.Status.Measurements, spool.Queue.Status.Bytes));
        spool.Restart();
        Assert.Equal(["2"], await spool.PayloadsAsync(A));
    }

    [Fact]
    public async Task Ids_grow_on_after_the_queue_was_empty_and_the_program_restarted()
    {
        using var spool = new TestSpool();
        await spool.AppendAsync(A, "1");
        await spool.RefuseAllAsync(A);
        var (waited, refused) = (1, Assert.Single(await spool.RefusedAsync()).Id);
        await spool.DiscardAsync(refused);
        spool.Restart();

        await spool.AppendAsync(A, "2");
        Assert.True(Assert.Single(await spool.PeekAsync(A)).Id > waited);
        await spool.RefuseAllAsync(A);

        Assert.True(Assert.Single(await spool.RefusedAsync()).Id > refused);
    }

    [Fact]
    public async Task An_append_is_counted_before_it_begins()
    {
        using var spool = new TestSpool();
        using var goOn = new ManualResetEventSlim();
        var isHeld = new TaskCompletionSource();
        spool.Queue.Arrived = _ =>
        {
            isHeld.TrySetResult();
            goOn.Wait(TestContext.Current.CancellationToken);
        };
        var holding = spool.TryAppendAsync(B, "holds the thread that writes");
        await isHeld.Task;

        var append = spool.TryAppendAsync(A, "under way");

        Assert.False(append.IsCompleted);
        Assert.Equal(1, spool.Queue.WaitingIn(A));
        Assert.Equal([A, B], spool.Queue.WaitingBuckets.OrderBy(bucket => bucket.Value));
        Assert.Equal(1, spool.Queue.Status.Entries);
        goOn.Set();
        await Task.WhenAll(holding, append);
        Assert.Equal(1, spool.Queue.WaitingIn(A));
        Assert.Equal(2, spool.Queue.Status.Entries);
    }

    [Fact]
    public async Task Whoever_drains_is_woken_when_an_entry_is_durable()
    {
        using var spool = new TestSpool();
        var woken = new ConcurrentQueue<(BucketName, long)>();
        spool.Queue.Arrived = bucket => woken.Enqueue((bucket, spool.Queue.Status.Entries));

        await spool.AppendAsync(A, "1");
        await spool.AppendAsync(B, "2");
        await spool.RefuseAllAsync(A);
        await spool.ReplayAsync(null);

        Assert.Equal([(A, 1), (B, 2), (A, 2)], woken);
    }

    [Fact]
    public async Task A_start_finds_what_waited_and_what_was_refused()
    {
        using var spool = new TestSpool();
        await spool.TryAppendAsync(A, "12345", measurements: 7);
        await spool.RefuseAllAsync(A);
        spool.Time.Advance(TimeSpan.FromMinutes(1));
        var oldest = spool.Time.GetUtcNow();
        await spool.TryAppendAsync(A, "123", measurements: 2);
        spool.Time.Advance(TimeSpan.FromMinutes(1));
        await spool.TryAppendAsync(B, "1", measurements: 4);
        var before = spool.Queue.Status;

        spool.Restart();

        Assert.Equal(new(2, 6, 9, 1 << 30, oldest, 1, 7), before);
        Assert.Equal(before, spool.Queue.Status);
        Assert.Equal((1, 1), (spool.Queue.WaitingIn(A), spool.Queue.WaitingIn(B)));
        Assert.Equal([A, B], spool.Queue.WaitingBuckets.OrderBy(bucket => bucket.Value));
    }

    [Fact]
    public async Task The_age_is_that_of_the_oldest_that_waits()
    {
        using var spool = new TestSpool();
        Assert.Null(spool.Queue.Status.OldestAt);
        await spool.AppendAsync(A, "1");
        spool.Time.Advance(TimeSpan.FromMinutes(1));
        var second = spool.Time.GetUtcNow();
        await spool.AppendAsync(B, "2");

        await spool.CompleteAsync(await spool.PeekAsync(A));
        Assert.Equal(second, spool.Queue.Status.OldestAt);

        await spool.CompleteAsync(await spool.PeekAsync(B));
        Assert.Null(spool.Queue.Status.OldestAt);
        Assert.Empty(spool.Queue.WaitingBuckets);
    }

    [Fact]
    public async Task Of_a_deleted_bucket_nothing_is_left_and_nothing_comes_back()
    {
        using var spool = new TestSpool();
        await spool.TryAppendAsync(A, "refused", measurements: 2);
        await spool.RefuseAllAsync(A);
        await spool.AppendAsync(A, "waits", "waits too");
        await spool.AppendAsync(B, "stays");
        var sent = await spool.PeekAsync(A);

        Assert.Equal(4, await spool.Queue.DropAsync(A));

        // Whoever was about to send them finds the database without the bucket.
        await spool.CompleteAsync(sent, [.. sent.Select(entry => Refusal(entry))]);
        Assert.Empty(await spool.PeekAsync(A));
        Assert.Empty(await spool.RefusedAsync());
        Assert.Equal((0, 1), (spool.Queue.WaitingIn(A), spool.Queue.WaitingIn(B)));
        Assert.Equal(new(1, 1, 5, 1 << 30, spool.Time.GetUtcNow(), 0, 0), spool.Queue.Status);
        Assert.Equal(0, await spool.Queue.DropAsync(A));
    }

    [Fact]
    public async Task A_closed_spool_keeps_nothing_more()
    {
        using var spool = new TestSpool();
        var queue = spool.Queue;
        await spool.AppendAsync(A, "1");
        spool.Close();

        Assert.Equal(SpoolAppend.Failed, await queue.AppendAsync(A, 1, "2"u8.ToArray()));
        Assert.False(await queue.CompleteAsync([], []));
        await Assert.ThrowsAsync<IOException>(() => queue.PeekAsync(A, 1, TestContext.Current.CancellationToken));
        spool.Open();
        Assert.Equal(["1"], await spool.PayloadsAsync(A));
    }
}
