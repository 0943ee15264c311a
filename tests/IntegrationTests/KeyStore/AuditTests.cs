using IotBackend.Application.Access.Audit;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace IotBackend.IntegrationTests.KeyStore;

public abstract class AuditTests(KeyStoreFixture fixture) : KeyStoreTests(fixture)
{
    private static readonly AuditEntry Begun = new()
    {
        Time = SomeKeys.Now,
        Action = "key.change",
        ActorId = "actor0000001",
        ActorName = "Gewächshaus 'Süd'",
        Address = "2001:db8::1",
        ObjectKind = "key",
        ObjectId = "object000001",
        RequestId = "request-1",
    };

    [Fact]
    public async Task Act_that_was_cut_off_has_no_outcome()
    {
        var id = await Node.Audit.AddAsync(Begun, Cancelled);
        await using var context = await Node.ContextAsync();
        var row = await context.AuditEntries.SingleAsync(Cancelled);
        Assert.Equal((id, SomeKeys.Now.UtcDateTime, Begun.Action, null), (row.Id, row.Time, row.Action, row.Outcome));
        Assert.Equal((Begun.ActorId, Begun.ActorName, Begun.Address), (row.ActorId, row.ActorName, row.Address));
        Assert.Equal((Begun.ObjectKind, Begun.ObjectId, Begun.RequestId, 1), (row.ObjectKind, row.ObjectId, row.RequestId, row.Count));
    }

    [Fact]
    public async Task Act_that_is_done_tells_its_outcome_and_what_was_before_and_after()
    {
        var id = await Node.Audit.AddAsync(Begun with { ObjectId = null }, Cancelled);
        await Node.Audit.AddAsync(Begun, Cancelled);
        await Node.Audit.CompleteAsync(
            Begun with { Id = id, Outcome = AuditEntry.Done, ObjectId = "made00000001", Before = """{"name":"a"}""", After = """{"name":"ü \u0022"}""" }, Cancelled);
        await using var context = await Node.ContextAsync();
        var rows = await context.AuditEntries.OrderBy(row => row.Id).ToListAsync(Cancelled);
        Assert.Equal((AuditEntry.Done, "made00000001"), (rows[0].Outcome, rows[0].ObjectId));
        Assert.Equal(("""{"name":"a"}""", """{"name":"ü \u0022"}"""), (rows[0].Before, rows[0].After));
        Assert.Equal((null, Begun.ObjectId), (rows[1].Outcome, rows[1].ObjectId));
    }

    [Fact]
    public async Task Ids_grow_and_none_is_given_twice()
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => Node.Audit.AddAsync(Begun, Cancelled), Cancelled)));
        Assert.Equal(50, ids.Distinct().Count());
        Assert.True(await Node.Audit.AddAsync(Begun, Cancelled) > ids.Max());
    }
}
