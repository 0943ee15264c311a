using IotBackend.Application.Measurements;
using IotBackend.Domain.Results;
using IotBackend.Infrastructure.Measurements.Spool;
using Xunit;
using static IotBackend.UnitTests.Infrastructure.Measurements.Spool.TestSpool;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Spool;

/// <summary>What the database refused for good: set aside, listed, played again, discarded.</summary>
public sealed class SpoolRefusedTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_refused_leaves_the_queue_and_is_listed_with_its_reason()
    {
        using var spool = new TestSpool();
        await spool.AppendAsync(A, "good\nbad");
        spool.Time.Advance(TimeSpan.FromMinutes(3));
        var done = await spool.PeekAsync(A);

        await spool.CompleteAsync(done, new SpoolRefusal(A, ErrorCodes.FieldTypeConflict, "It is a number.", 1, "bad"u8.ToArray()));

        Assert.Empty(await spool.PeekAsync(A));
        var refused = Assert.Single(await spool.RefusedAsync());
        Assert.Equal(new RefusedMeasurements(refused.Id, A, spool.Time.GetUtcNow(), "field_type_conflict", "It is a number.", 1, "bad"), refused);
        Assert.Equal(new SpoolStatus(0, 0, 3, 1 << 30, null, 1, 1), spool.Queue.Status);
        spool.Restart();
        Assert.Equal([refused], await spool.RefusedAsync());
    }

    [Fact]
    public async Task A_sample_is_the_first_line_cut_at_a_thousand_characters()
    {
        using var spool = new TestSpool();
        var ends = string.Concat(Enumerable.Repeat("😀", 1_000));
        await spool.AppendAsync(A, "one line\nand another", new string('x', 1_000), new string('x', 1_001), ends, ends + "😀");
        await spool.RefuseAllAsync(A, reason: new string('r', 1_001));

        var refused = await spool.RefusedAsync();

        Assert.Equal(["one line", new string('x', 1_000), new string('x', 1_000), ends, ends], refused.Select(item => item.Sample));
        Assert.All(refused, item => Assert.Equal(new string('r', 1_000), item.Reason));
    }

    [Fact]
    public async Task Pages_follow_each_other_by_id()
    {
        using var spool = new TestSpool();
        await spool.AppendAsync(A, "1", "2", "3", "4", "5");
        await spool.RefuseAllAsync(A);

        var first = Success(await spool.Queue.ListRefusedAsync([], 2, null, Cancel));
        var second = Success(await spool.Queue.ListRefusedAsync([], 2, first.Items[^1].Id, Cancel));
        var third = Success(await spool.Queue.ListRefusedAsync([], 2, second.Items[^1].Id, Cancel));
        var exact = Success(await spool.Queue.ListRefusedAsync([], 5, null, Cancel));
        var beyond = Success(await spool.Queue.ListRefusedAsync([], 5, long.MaxValue, Cancel));

        Assert.Equal(["1", "2", "3", "4", "5"], first.Items.Concat(second.Items).Concat(third.Items).Select(item => item.Sample));
        Assert.Equal([true, true, false, false, false], new[] { first, second, third, exact, beyond }.Select(page => page.HasMore));
        Assert.Empty(beyond.Items);
    }

    [Fact]
    public async Task A_replayed_entry_goes_to_the_end_of_the_queue_as_it_was()
    {
        using var spool = new TestSpool();
        await spool.TryAppendAsync(A, "refused\nÄ", measurements: 2);
        await spool.RefuseAllAsync(A);
        await spool.AppendAsync(A, "waits");
        spool.Time.Advance(TimeSpan.FromMinutes(1));
        var id = Assert.Single(await spool.RefusedAsync()).Id;

        Assert.Equal(2, await spool.ReplayAsync(id));

        Assert.Empty(await spool.RefusedAsync());
        var entries = await spool.PeekAsync(A);
        Assert.Equal(["waits", "refused\nÄ"], entries.Select(Text));
        Assert.True(entries[0].Id < entries[1].Id);
        Assert.Equal((2, spool.Time.GetUtcNow()), (entries[1].Measurements, entries[1].At));
        Assert.Equal((2, 2), (spool.Queue.WaitingIn(A), spool.Queue.Status.Entries));
        Assert.Equal((0, 0), (spool.Queue.Status.RefusedEntries, spool.Queue.Status.RefusedMeasurements));
        spool.Restart();
        Assert.Equal(["waits", "refused\nÄ"], await spool.PayloadsAsync(A));
        Assert.Empty(await spool.RefusedAsync());
    }

    [Fact]
    public async Task All_are_replayed_in_the_order_in_which_they_were_refused()
    {
        using var spool = new TestSpool();
        await spool.AppendAsync(A, "1", "2");
        await spool.RefuseAllAsync(A);
        await spool.AppendAsync(B, "3");
        await spool.RefuseAllAsync(B);
        await spool.AppendAsync(A, "4");
        await spool.RefuseAllAsync(A);

        Assert.Equal(4, await spool.ReplayAsync(null));

        Assert.Equal(["1", "2", "4"], await spool.PayloadsAsync(A));
        Assert.Equal(["3"], await spool.PayloadsAsync(B));
        Assert.Equal(0, await spool.ReplayAsync(null));
    }

    [Fact]
    public async Task A_discarded_entry_is_gone_for_ever()
    {
        using var spool = new TestSpool();
        await spool.TryAppendAsync(A, "12345", measurements: 3);
        await spool.AppendAsync(A, "678");
        await spool.RefuseAllAsync(A);
        var ids = (await spool.RefusedAsync()).Select(item => item.Id).ToArray();

        Assert.Equal(3, await spool.DiscardAsync(ids[0]));

        Assert.Equal(ids[1], Assert.Single(await spool.RefusedAsync()).Id);
        Assert.Equal(new SpoolStatus(0, 0, 3, 1 << 30, null, 1, 1), spool.Queue.Status);
        spool.Restart();
        Assert.Equal(ids[1], Assert.Single(await spool.RefusedAsync()).Id);
        Assert.Equal(1, await spool.ReplayAsync(null));
    }

    [Fact]
    public async Task Who_is_limited_to_buckets_sees_replays_and_discards_these_only()
    {
        using var spool = new TestSpool();
        await spool.AppendAsync(A, "a1", "a2");
        await spool.RefuseAllAsync(A);
        await spool.AppendAsync(B, "b1", "b2");
        await spool.RefuseAllAsync(B);
        var foreign = (await spool.RefusedAsync(A))[0].Id;

        var page = Success(await spool.Queue.ListRefusedAsync([B], 1, null, Cancel));
        Assert.Equal(("b1", true), (Assert.Single(page.Items).Sample, page.HasMore));
        Assert.Equal(ErrorCodes.NotFound, (await spool.Queue.ReplayAsync([B], foreign, Cancel)).Error?.Code);
        Assert.Equal(ErrorCodes.NotFound, (await spool.Queue.DiscardAsync([B], foreign, Cancel)).Error?.Code);
        Assert.Equal(2, await spool.ReplayAsync(null, B));

        Assert.Equal(["a1", "a2"], (await spool.RefusedAsync()).Select(item => item.Sample));
        Assert.Equal((0, 2), (spool.Queue.WaitingIn(A), spool.Queue.WaitingIn(B)));
        Assert.Equal(1, await spool.DiscardAsync(foreign, A, B));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public async Task An_id_that_is_not_there_is_not_found(long id)
    {
        using var spool = new TestSpool();
        await spool.AppendAsync(A, "1");
        await spool.RefuseAllAsync(A);

        var errors = new[] { (await spool.Queue.ReplayAsync([], id, Cancel)).Error, (await spool.Queue.DiscardAsync([], id, Cancel)).Error };

        Assert.All(errors, error => Assert.Equal((ErrorKind.NotFound, ErrorCodes.NotFound), (error!.Kind, error.Code)));
        Assert.Single(await spool.RefusedAsync());
    }

    [Fact]
    public async Task An_entry_that_the_disk_damaged_is_set_aside_and_holds_nobody_up()
    {
        using var spool = new TestSpool();
        await spool.AppendAsync(A, "before", "the entry to be damaged", "after");
        spool.Close();
        Damage(spool.Folder, "the entry to be damaged");
        spool.Open();

        Assert.Equal(["before", "after"], await spool.PayloadsAsync(A));

        var refused = Assert.Single(await spool.RefusedAsync());
        Assert.Equal((ErrorCodes.RefusedByStore, "The entry to be damaged"), (refused.Code, refused.Sample));
        Assert.Contains("damaged", refused.Reason, StringComparison.Ordinal);
        Assert.Equal((2, 2, 1), (spool.Queue.WaitingIn(A), spool.Queue.Status.Entries, spool.Queue.Status.RefusedEntries));
        await spool.CompleteAsync(await spool.PeekAsync(A));
        Assert.Empty(await spool.PeekAsync(A));
    }

    [Fact]
    public async Task When_all_that_fits_is_damaged_the_next_are_given()
    {
        using var spool = new TestSpool();
        await spool.AppendAsync(A, "the entry to be damaged", "after");
        spool.Close();
        Damage(spool.Folder, "the entry to be damaged");
        spool.Open();

        Assert.Equal(["after"], await spool.PayloadsAsync(A, maxBytes: 1));
    }
}
