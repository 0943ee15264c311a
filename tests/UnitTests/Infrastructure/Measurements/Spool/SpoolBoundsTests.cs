using IotBackend.Infrastructure.Measurements.Spool;
using Xunit;
using static IotBackend.UnitTests.Infrastructure.Measurements.Spool.TestSpool;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Spool;

/// <summary>How much the spool takes, to the byte.</summary>
public sealed class SpoolBoundsTests
{
    [Fact]
    public async Task The_last_byte_fits_and_one_more_does_not()
    {
        using var spool = new TestSpool(maxBytes: 10);
        await spool.AppendAsync(A, "12345");

        Assert.Equal(SpoolAppend.Full, await spool.TryAppendAsync(B, "123456"));
        Assert.Equal(SpoolAppend.Stored, await spool.TryAppendAsync(B, "12345"));
        Assert.Equal(SpoolAppend.Full, await spool.TryAppendAsync(A, "1"));

        Assert.Equal((1, 1, 10), (spool.Queue.WaitingIn(A), spool.Queue.WaitingIn(B), spool.Queue.Status.Bytes));
        Assert.Equal(["12345"], await spool.PayloadsAsync(B));
    }

    [Fact]
    public async Task An_entry_larger_than_the_spool_never_fits()
    {
        using var spool = new TestSpool(maxBytes: 10);

        Assert.Equal(SpoolAppend.Full, await spool.TryAppendAsync(A, "12345678901"));
        Assert.Equal(SpoolAppend.Stored, await spool.TryAppendAsync(A, "1234567890"));
    }

    [Fact]
    public async Task What_is_refused_counts_too_and_makes_room_when_it_is_discarded()
    {
        using var spool = new TestSpool(maxBytes: 10);
        await spool.AppendAsync(A, "1234567890");
        var done = await spool.PeekAsync(A);
        await spool.CompleteAsync(done, new SpoolRefusal(A, "refused_by_store", "no", 1, "123456"u8.ToArray()));

        Assert.Equal(SpoolAppend.Full, await spool.TryAppendAsync(A, "12345"));
        Assert.Equal(SpoolAppend.Stored, await spool.TryAppendAsync(A, "1234"));
        await spool.DiscardAsync(Assert.Single(await spool.RefusedAsync()).Id);

        Assert.Equal(SpoolAppend.Full, await spool.TryAppendAsync(A, "1234567"));
        Assert.Equal(SpoolAppend.Stored, await spool.TryAppendAsync(A, "123456"));
    }

    [Fact]
    public async Task A_full_spool_drains_refuses_and_replays_without_room()
    {
        using var spool = new TestSpool(maxBytes: 10);
        await spool.AppendAsync(A, "12345", "67890");

        await spool.RefuseAllAsync(A);
        Assert.Equal(SpoolAppend.Full, await spool.TryAppendAsync(A, "1"));
        Assert.Equal(2, await spool.ReplayAsync(null));
        Assert.Equal(SpoolAppend.Full, await spool.TryAppendAsync(A, "1"));
        await spool.CompleteAsync(await spool.PeekAsync(A, 5));

        Assert.Equal(SpoolAppend.Stored, await spool.TryAppendAsync(A, "abcde"));
        Assert.Equal(["67890", "abcde"], await spool.PayloadsAsync(A));
    }

    [Fact]
    public async Task What_is_deleted_with_its_bucket_makes_room()
    {
        using var spool = new TestSpool(maxBytes: 10);
        await spool.AppendAsync(A, "12345");
        await spool.RefuseAllAsync(A);
        await spool.AppendAsync(A, "67890");

        await spool.Queue.DropAsync(A);

        await spool.AppendAsync(B, "1234567890");
    }

    [Fact]
    public async Task The_bound_holds_after_a_restart()
    {
        using var spool = new TestSpool(maxBytes: 10);
        await spool.AppendAsync(A, "12345");
        await spool.RefuseAllAsync(A);
        await spool.AppendAsync(A, "123");
        spool.Restart();

        Assert.Equal(SpoolAppend.Full, await spool.TryAppendAsync(A, "123"));
        Assert.Equal(SpoolAppend.Stored, await spool.TryAppendAsync(A, "12"));
    }

    [Fact]
    public async Task Appends_at_the_same_time_fill_it_to_the_last_byte_and_no_further()
    {
        using var spool = new TestSpool(maxBytes: 1_000);

        var answers = await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => Task.Run(() => spool.TryAppendAsync(A, "12345"))));

        Assert.Equal(200, answers.Count(answer => answer == SpoolAppend.Stored));
        Assert.Equal(100, answers.Count(answer => answer == SpoolAppend.Full));
        Assert.Equal((200, 1_000), (spool.Queue.WaitingIn(A), spool.Queue.Status.Bytes));
    }
}
