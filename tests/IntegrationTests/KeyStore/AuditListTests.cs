using IotBackend.Application.Access.Audit;
using IotBackend.Application.ApiKeys;
using Xunit;

namespace IotBackend.IntegrationTests.KeyStore;

/// <summary>How the audit log is read.</summary>
public abstract class AuditListTests(KeyStoreFixture fixture) : KeyStoreTests(fixture)
{
    private static readonly AuditFilter All = new(null, null, null, null, null, null, null, null, null, 1_000);

    private IAuditLog Log => Node.Audit;

    [Fact]
    public async Task Every_member_of_an_entry_is_kept()
    {
        var full = Entry(0) with
        {
            Time = SomeKeys.Now.AddTicks(1_234_560).ToOffset(TimeSpan.FromHours(9)),
            Outcome = AuditEntry.Done,
            ActorId = "0123456789AB",
            ActorName = "Gewächshaus 'Süd' 🌱",
            Address = "2001:db8::7",
            ObjectKind = "bucket",
            ObjectId = new string('ü', 512),
            Before = """{"a":"\u0000"}""",
            After = """{"a":2}""",
            RequestId = "request-1",
            Count = int.MaxValue,
        };
        var ids = await Log.AddAsync([full, Entry(1)], Cancelled);
        Assert.Equal([Entry(1) with { Id = ids[1] }, full with { Id = ids[0] }], await Log.ListAsync(All, Cancelled));
    }

    [Fact]
    public async Task Filters_choose_entries_alone_and_together()
    {
        var ids = await Log.AddAsync(
            [
                Entry(0) with { ActorId = "a", Outcome = AuditEntry.Done },
                Entry(1) with { Action = "key.revoke", ObjectKind = "key", ObjectId = "k" },
                Entry(2) with { ActorId = "A", Address = "192.0.2.7", Outcome = "blocked", ObjectKind = "key" },
            ],
            Cancelled);
        await ShouldListAsync(All, 2, 1, 0);
        await ShouldListAsync(All with { ActorId = "a" }, 0);
        await ShouldListAsync(All with { Action = "key.revoke" }, 1);
        await ShouldListAsync(All with { ObjectKind = "key" }, 2, 1);
        await ShouldListAsync(All with { ObjectId = "k" }, 1);
        await ShouldListAsync(All with { Outcome = "blocked" }, 2);
        await ShouldListAsync(All with { Outcome = AuditFilter.Open }, 1);
        await ShouldListAsync(All with { Address = "192.0.2.7" }, 2);
        await ShouldListAsync(All with { Before = ids[2] }, 1, 0);
        await ShouldListAsync(All with { Limit = 1 }, 2);
        await ShouldListAsync(All with { Before = ids[2], Limit = 1 }, 1);
        await ShouldListAsync(All with { ObjectKind = "key", Outcome = AuditFilter.Open, From = SomeKeys.Now, To = SomeKeys.Now.AddHours(3) }, 1);
        await ShouldListAsync(All with { ObjectKind = "key", ActorId = "a" });
        await ShouldListAsync(All with { ActorId = "nobody' OR 1=1" });

        async Task ShouldListAsync(AuditFilter filter, params int[] expected) =>
            Assert.Equal(expected.Select(i => ids[i]), (await Log.ListAsync(filter, Cancelled)).Select(entry => entry.Id));
    }

    [Theory]
    [InlineData(0, 3, 2, 1, 0)]
    [InlineData(1, 2, 1)]
    [InlineData(1, 3, 2, 1)]
    [InlineData(2, 2)]
    [InlineData(2, 9, 2)]
    [InlineData(3, 9)]
    public async Task Range_of_time_holds_its_begin_and_not_its_end(int from, int to, params int[] expected)
    {
        // The microseconds that both databases keep, in the zones of others.
        var ids = await Log.AddAsync([.. Enumerable.Range(0, 3).Select(i => Entry(0) with { Time = SomeKeys.Now.AddMicroseconds(i) })], Cancelled);
        var zone = TimeSpan.FromHours(5.5);
        var filter = All with { From = SomeKeys.Now.AddMicroseconds(from).ToOffset(zone), To = SomeKeys.Now.AddMicroseconds(to).ToOffset(-zone) };
        Assert.Equal(expected.Select(i => ids[i]), (await Log.ListAsync(filter, Cancelled)).Select(entry => entry.Id));
    }

    [Fact]
    public async Task Pages_hold_each_entry_once_while_others_are_added()
    {
        var other = NewNode();
        var before = await Log.AddAsync([.. Enumerable.Range(0, 100).Select(i => Entry(i))], Cancelled);
        using var isRead = new CancellationTokenSource();
        var adding = Task.Run(() => AddUntilAsync(other, isRead.Token), Cancelled);
        var seen = new List<long>();
        try
        {
            for (var page = await Log.ListAsync(All with { Limit = 7 }, Cancelled); page.Count > 0; page = await Log.ListAsync(All with { Limit = 7, Before = seen[^1] }, Cancelled))
            {
                seen.AddRange(page.Select(entry => entry.Id));
                await Log.AddAsync(Entry(0), Cancelled);
            }
        }
        finally
        {
            await isRead.CancelAsync();
        }

        Assert.True(await adding > 0);
        Assert.Equal(seen.OrderDescending().Distinct(), seen);
        Assert.Empty(before.Except(seen));
    }

    [Fact]
    public async Task Outage_is_told_as_one_and_passes()
    {
        await Database.ExecuteAsync("ALTER TABLE audit RENAME TO away");
        await Assert.ThrowsAsync<KeyStoreUnavailableException>(() => Log.ListAsync(All, Cancelled));
        await Assert.ThrowsAsync<KeyStoreUnavailableException>(() => Log.AddAsync([Entry(0), Entry(1)], Cancelled));
        await Assert.ThrowsAsync<KeyStoreUnavailableException>(() => Log.CountAsync([Entry(0) with { Id = 1 }], Cancelled));
        await Assert.ThrowsAsync<KeyStoreUnavailableException>(() => Log.RemoveAsync(SomeKeys.Now, 1, Cancelled));
        await Database.ExecuteAsync("ALTER TABLE away RENAME TO audit");
        await Log.AddAsync([Entry(0), Entry(1)], Cancelled);
        Assert.Equal(2, (await Log.ListAsync(All, Cancelled)).Count);
    }

    private static async Task<int> AddUntilAsync(KeyStoreNode node, CancellationToken isRead)
    {
        var added = 0;
        do
        {
            added += (await node.Audit.AddAsync([Entry(0), Entry(1)], Cancelled)).Count;
        }
        while (!isRead.IsCancellationRequested);
        return added;
    }

    private static AuditEntry Entry(int hours) => new() { Time = SomeKeys.Now.AddHours(hours), Action = "key.create" };
}
