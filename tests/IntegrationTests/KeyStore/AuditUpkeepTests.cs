using IotBackend.Application.Access.Audit;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace IotBackend.IntegrationTests.KeyStore;

/// <summary>How the audit log is written in batches, counted and cleaned up.</summary>
public abstract class AuditUpkeepTests(KeyStoreFixture fixture) : KeyStoreTests(fixture)
{
    private static readonly AuditFilter All = new(null, null, null, null, null, null, null, null, null, 10_000);

    private IAuditLog Log => Node.Audit;

    [Fact]
    public async Task Ids_of_a_batch_grow_in_its_order()
    {
        AuditEntry[] entries = [.. Shuffled(Enumerable.Range(0, 300)).Select(Entry)];
        var ids = await Log.AddAsync(entries, Cancelled);
        Assert.Equal(ids.Order().Distinct(), ids);
        Assert.Equal(entries.Select((entry, i) => entry with { Id = ids[i] }).Reverse(), await Log.ListAsync(All, Cancelled));
        Assert.Empty(await Log.AddAsync([], Cancelled));
    }

    [Fact]
    public async Task Batches_of_two_nodes_at_once_keep_their_ids_apart()
    {
        var other = NewNode();
        var batches = await Together(8, async i =>
        {
            AuditEntry[] entries = [.. Enumerable.Range(0, 50).Select(j => Entry(j) with { ActorId = $"actor{i}" })];
            var ids = await (i % 2 == 0 ? Node : other).Audit.AddAsync(entries, Cancelled);
            return entries.Select((entry, j) => entry with { Id = ids[j] });
        });
        Assert.Equal(batches.SelectMany(batch => batch).OrderByDescending(entry => entry.Id), await Log.ListAsync(All, Cancelled));
    }

    [Fact]
    public async Task Batch_with_an_entry_that_can_not_be_stored_leaves_nothing()
    {
        // Two of the entries can not both be stored now.
        await Database.ExecuteAsync("CREATE UNIQUE INDEX obstacle ON audit (\"Count\") WHERE \"Count\" = 777");
        AuditEntry[] entries = [.. Enumerable.Range(0, 50).Select(i => Entry(i) with { Count = i is 20 or 40 ? 777 : 1 })];
        await Assert.ThrowsAsync<DbUpdateException>(() => Log.AddAsync(entries, Cancelled));
        Assert.Empty(await Log.ListAsync(All, Cancelled));
        await Database.ExecuteAsync("DROP INDEX obstacle");
        await Log.AddAsync(entries, Cancelled);
        Assert.Equal(50, (await Log.ListAsync(All, Cancelled)).Count);
    }

    [Fact]
    public async Task Counts_are_completed_and_nothing_else()
    {
        var full = Entry(0) with { Outcome = "blocked", ActorId = "a", Before = "{}", RequestId = "r" };
        var ids = await Log.AddAsync([full, Entry(1), Entry(2)], Cancelled);
        await Log.CountAsync([full with { Id = ids[0], Count = 20, Outcome = "other" }, Entry(2) with { Id = ids[2], Count = 30 }, Entry(3) with { Id = long.MaxValue, Count = 40 }], Cancelled);
        Assert.Equal(
            [Entry(2) with { Id = ids[2], Count = 30 }, Entry(1) with { Id = ids[1] }, full with { Id = ids[0], Count = 20 }], await Log.ListAsync(All, Cancelled));
    }

    [Fact]
    public async Task Old_entries_are_removed_in_portions_the_oldest_first()
    {
        // Not in the order in which they were stored.
        await Log.AddAsync([.. Shuffled(Enumerable.Range(0, 10)).Select(Entry)], Cancelled);
        var before = SomeKeys.Now.AddHours(5).ToOffset(TimeSpan.FromHours(-8));
        Assert.Equal(3, await Log.RemoveAsync(before, 3, Cancelled));
        Assert.Equal([3, 4, 5, 6, 7, 8, 9], await HoursAsync());
        Assert.Equal(2, await Log.RemoveAsync(before, 3, Cancelled));
        Assert.Equal(0, await Log.RemoveAsync(before, 3, Cancelled));
        Assert.Equal([5, 6, 7, 8, 9], await HoursAsync());
    }

    [Fact]
    public async Task Nodes_that_clean_up_at_once_while_entries_are_added_remove_each_old_one_once()
    {
        var other = NewNode();
        await Log.AddAsync([.. Enumerable.Range(0, 1_000).Select(i => Entry(-1 - i))], Cancelled);
        var removed = await Together(6, async i =>
        {
            var log = (i % 2 == 0 ? Node : other).Audit;
            if (i >= 4)
            {
                await log.AddAsync([.. Enumerable.Range(0, 100).Select(Entry)], Cancelled);
                return 0;
            }

            // As often as there are portions: one who comes second gets none of a portion, and goes on.
            var sum = 0;
            for (var portion = 0; portion < 10; portion++)
                sum += await log.RemoveAsync(SomeKeys.Now, 100, Cancelled);
            return sum;
        });
        var left = (await HoursAsync()).Count(hour => hour < 0);
        Assert.Equal(1_000, removed.Sum() + left);
        while (await Log.RemoveAsync(SomeKeys.Now, 100, Cancelled) > 0)
        {
            // What they left to each other.
        }

        Assert.Equal(Enumerable.Range(0, 100).SelectMany(hour => new[] { hour, hour }), await HoursAsync());
    }

    [Fact]
    public async Task Id_of_a_removed_entry_is_not_given_again()
    {
        var ids = await Log.AddAsync([Entry(0), Entry(1)], Cancelled);
        Assert.Equal(2, await Log.RemoveAsync(SomeKeys.Now.AddDays(1), 10, Cancelled));
        Assert.True(await Log.AddAsync(Entry(0), Cancelled) > ids[1]);
    }

    private static AuditEntry Entry(int hours) => new() { Time = SomeKeys.Now.AddHours(hours), Action = "key.create" };

    private async Task<IEnumerable<int>> HoursAsync() =>
        (await Log.ListAsync(All, Cancelled)).Select(entry => (int)(entry.Time - SomeKeys.Now).TotalHours).Order();
}
