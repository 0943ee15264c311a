using IotBackend.Application.Access.Audit;
using IotBackend.Application.Access.Usage;
using Npgsql;
using Xunit;

namespace IotBackend.IntegrationTests.KeyStore;

/// <summary>PostgreSQL ends a transaction that stands in the way of another node's; it says so once here, whatever is asked.</summary>
public sealed class PostgreSqlConflictTests(PostgreSqlKeyStoreFixture fixture) : KeyStoreTests(fixture), IClassFixture<PostgreSqlKeyStoreFixture>
{
    private const string Key = "0123456789AB";
    private const string Deadlock = PostgresErrorCodes.DeadlockDetected;
    private const string Serialization = PostgresErrorCodes.SerializationFailure;

    private static readonly UsagePeriod Hour = UsagePeriod.Of(UsagePeriod.Hour, SomeKeys.Now);

    [Theory]
    [InlineData(Deadlock, 1)]
    [InlineData(Serialization, 2)]
    public async Task Usage_is_added_once_at_the_second_attempt_or_the_third(string code, int times)
    {
        KeyUsage[] all = [.. Enumerable.Range(0, 250).Select(i => new KeyUsage($"key{i:000}", Hour, new UsageCounts(1, 2, 3, 4)))];
        await Node.Usage.AddAsync(all, Cancelled);

        // In the third statement: two were carried out by then.
        await FailAsync("usage", "INSERT", code, after: 2, times);
        await Node.Usage.AddAsync(all, Cancelled);
        Assert.Equal(["500"], await Database.ReadAsync("SELECT sum(\"Requests\") FROM \"usage\""));
    }

    [Fact]
    public async Task Usage_that_is_never_let_through_is_kept_and_counted_once_later()
    {
        using var meter = new UsageMeter(Node.Usage, TimeProvider.System);
        meter.Add(Key, new UsageCounts(1, 2, 3, 4));
        await FailAsync("usage", "INSERT", Deadlock, after: 0, times: 3);
        await Assert.ThrowsAnyAsync<Exception>(() => meter.FlushAsync(Cancelled));
        meter.Add(Key, new UsageCounts(1, 2, 3, 4));
        await meter.FlushAsync(Cancelled);
        await meter.FlushAsync(Cancelled);
        Assert.Equal(["2"], await Database.ReadAsync("SELECT sum(\"Requests\") FROM \"usage\" WHERE \"Hours\" = 1"));
    }

    [Theory]
    [InlineData(Deadlock)]
    [InlineData(Serialization)]
    public async Task Clean_up_of_usage_gives_way_and_is_done_the_next_time(string code)
    {
        await Node.Usage.AddAsync([new KeyUsage(Key, Hour, new UsageCounts(1, 2, 3, 4))], Cancelled);
        await FailAsync("usage", "DELETE", code, after: 0, times: 1);
        await Node.Usage.DeleteBeforeAsync(UsagePeriod.Hour, SomeKeys.Now, Cancelled);
        Assert.Equal(["1"], await Database.ReadAsync("SELECT count(*) FROM \"usage\""));
        await Node.Usage.DeleteBeforeAsync(UsagePeriod.Hour, SomeKeys.Now, Cancelled);
        Assert.Equal(["0"], await Database.ReadAsync("SELECT count(*) FROM \"usage\""));
    }

    [Theory]
    [InlineData(Deadlock)]
    [InlineData(Serialization)]
    public async Task Clean_up_of_the_audit_log_gives_way_and_is_done_the_next_time(string code)
    {
        await Node.Audit.AddAsync(new AuditEntry { Time = SomeKeys.Now, Action = "key.create" }, Cancelled);
        await FailAsync("audit", "DELETE", code, after: 0, times: 1);
        Assert.Equal(0, await Node.Audit.RemoveAsync(SomeKeys.Now.AddDays(1), 10, Cancelled));
        Assert.Equal(1, await Node.Audit.RemoveAsync(SomeKeys.Now.AddDays(1), 10, Cancelled));
    }

    // A sequence goes on counting when the transaction is rolled back.
    private Task FailAsync(string table, string statement, string code, int after, int times) => Database.ExecuteAsync(
        $"""
        CREATE SEQUENCE asked;
        CREATE FUNCTION stand_in_the_way() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE number bigint := nextval('asked');
        BEGIN
            IF number > {after} AND number <= {after + times} THEN RAISE EXCEPTION 'in the way' USING ERRCODE = '{code}'; END IF;
            RETURN NULL;
        END $$;
        CREATE TRIGGER in_the_way BEFORE {statement} ON "{table}" FOR EACH STATEMENT EXECUTE FUNCTION stand_in_the_way();
        """);
}
