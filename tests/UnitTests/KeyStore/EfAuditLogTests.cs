using IotBackend.Application.Access.Audit;
using IotBackend.Application.ApiKeys;
using IotBackend.UnitTests.ApiKeys;
using Xunit;

namespace IotBackend.UnitTests.KeyStore;

public sealed class EfAuditLogTests : IAsyncLifetime
{
    private static readonly AuditFilter All = new(null, null, null, null, null, null, null, null, null, 100);

    private readonly TestKeyStore _test = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IAuditLog Log => _test.Get<IAuditLog>();

    public async ValueTask InitializeAsync() => await _test.StartAsync();

    public ValueTask DisposeAsync()
    {
        _test.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Every_member_of_an_entry_is_kept()
    {
        var entry = Entry(0) with
        {
            Outcome = "done",
            ActorId = "0123456789AB",
            ActorName = "Süd 🌱",
            Address = "2001:db8::7",
            ObjectKind = "key",
            ObjectId = "object",
            Before = "{\"a\":1}",
            After = "{\"a\":2}",
            RequestId = "request",
            Count = 7,
        };
        var ids = await Log.AddAsync([entry, Entry(1)], Cancel);
        var read = await Log.ListAsync(All, Cancel);
        Assert.Equal([Entry(1) with { Id = ids[1] }, entry with { Id = ids[0] }], read);
        Assert.True(ids[0] < ids[1]);
    }

    [Fact]
    public async Task Filters_choose_entries()
    {
        await Log.AddAsync(
            [
                Entry(0) with { ActorId = "a", Outcome = "done" },
                Entry(1) with { Action = "key.revoke", ObjectKind = "key", ObjectId = "k" },
                Entry(2) with { Address = "192.0.2.7", Outcome = "blocked", ObjectKind = "key" },
            ],
            Cancel);
        await ShouldList(All with { ActorId = "a" }, 1);
        await ShouldList(All with { Action = "key.revoke" }, 2);
        await ShouldList(All with { ObjectKind = "key" }, 3, 2);
        await ShouldList(All with { ObjectKind = "key", ObjectId = "k" }, 2);
        await ShouldList(All with { Outcome = "blocked" }, 3);
        await ShouldList(All with { Outcome = AuditFilter.Open }, 2);
        await ShouldList(All with { Address = "192.0.2.7" }, 3);
        await ShouldList(All with { From = TestKeys.Now.AddHours(1) }, 3, 2);
        await ShouldList(All with { To = TestKeys.Now.AddHours(1) }, 1);
        await ShouldList(All with { From = TestKeys.Now.AddHours(1), To = TestKeys.Now.AddHours(2) }, 2);
        await ShouldList(All with { Before = 3, Limit = 1 }, 2);
        await ShouldList(All with { ActorId = "nobody" });
    }

    [Fact]
    public async Task Old_entries_are_removed_in_portions_the_oldest_first()
    {
        await Log.AddAsync([.. Enumerable.Range(0, 10).Select(Entry)], Cancel);
        Assert.Equal(3, await Log.RemoveAsync(TestKeys.Now.AddHours(5), 3, Cancel));
        await ShouldList(All, 10, 9, 8, 7, 6, 5, 4);
        Assert.Equal(2, await Log.RemoveAsync(TestKeys.Now.AddHours(5), 3, Cancel));
        Assert.Equal(0, await Log.RemoveAsync(TestKeys.Now.AddHours(5), 3, Cancel));
        await ShouldList(All, 10, 9, 8, 7, 6);
    }

    [Fact]
    public async Task Counts_are_completed()
    {
        var ids = await Log.AddAsync([Entry(0), Entry(1)], Cancel);
        await Log.CountAsync([Entry(0) with { Id = ids[0], Count = 20 }], Cancel);
        Assert.Equal([1, 20], (await Log.ListAsync(All, Cancel)).Select(entry => entry.Count));
    }

    [Fact]
    public async Task Outage_is_told_as_one()
    {
        _test.Run("DROP TABLE audit");
        await Assert.ThrowsAsync<KeyStoreUnavailableException>(() => Log.ListAsync(All, Cancel));
        await Assert.ThrowsAsync<KeyStoreUnavailableException>(() => Log.AddAsync([Entry(0)], Cancel));
        await Assert.ThrowsAsync<KeyStoreUnavailableException>(() => Log.RemoveAsync(TestKeys.Now, 1, Cancel));
    }

    [Fact]
    public async Task First_and_replaced_admin_keys_are_in_the_log()
    {
        var keys = _test.Get<AdminKeys>();
        var first = (await keys.EnsureFirstAsync(null, Cancel)).Value!;
        var reset = await keys.ReplaceAsync(Cancel);
        var given = TestKeys.NewToken();
        await keys.EnsureFirstAsync(given, Cancel);
        await keys.EnsureFirstAsync(given, Cancel);

        var entries = await Log.ListAsync(All, Cancel);
        Assert.Equal(
            [("key.adopt", TestKeys.IdOf(given), "done"), ("key.reset", TestKeys.IdOf(reset), "done"), ("key.create", TestKeys.IdOf(first), "done")],
            entries.Select(entry => (entry.Action, entry.ObjectId!, entry.Outcome!)));
        Assert.All(entries, entry => Assert.Contains("\"scopes\":[\"admin\"]", entry.After, StringComparison.Ordinal));
        foreach (var token in new[] { first, reset, given })
            Assert.DoesNotContain(entries, entry => entry.ToString().Contains(token[17..], StringComparison.Ordinal));
    }

    private static AuditEntry Entry(int hours) => new() { Time = TestKeys.Now.AddHours(hours), Action = "key.create" };

    private async Task ShouldList(AuditFilter filter, params long[] ids) =>
        Assert.Equal(ids, (await Log.ListAsync(filter, Cancel)).Select(entry => entry.Id));
}
