using System.Security.Cryptography;
using System.Text;
using IotBackend.Application.ApiKeys;
using IotBackend.Application.Measurements.Idempotency;
using IotBackend.Domain.Measurements;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace IotBackend.IntegrationTests.KeyStore;

/// <summary>What is remembered of requests with an idempotency key, and by which of several attempts.</summary>
public abstract class IdempotencyStoreTests(KeyStoreFixture fixture) : KeyStoreTests(fixture)
{
    private const int Rounds = 5;
    private const string Key = "0123456789AB";

    private static readonly TimeSpan Duration = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Retention = TimeSpan.FromHours(24);
    private static readonly KeptAnswer Answer = new(201, Encoding.UTF8.GetBytes("""{"status":"stored"}"""));
    private static readonly IdempotencyId Id = IdempotencyId.Of(Key, "measurement", "one");

    private IIdempotencyStore Store => Node.Idempotency;

    [Fact]
    public async Task First_attempt_begins_and_others_wait_for_its_answer_on_every_node()
    {
        var other = NewNode().Idempotency;
        var first = Attempt();
        Assert.Equal(IdempotencyOutcome.Begun, (await Store.BeginAsync(Id, first, Cancelled)).Outcome);
        Assert.Equal(IdempotencyOutcome.InProgress, (await other.BeginAsync(Id, Attempt(), Cancelled)).Outcome);
        Assert.Equal(IdempotencyOutcome.Reused, (await other.BeginAsync(Id, Attempt(content: "other"), Cancelled)).Outcome);

        await Store.CompleteAsync(Id, first, Answer, Cancelled);

        var state = await other.BeginAsync(Id, Attempt(seconds: 3600), Cancelled);
        Assert.Equal((IdempotencyOutcome.Answered, first.ReceivedAt, 201), (state.Outcome, state.ReceivedAt, state.Answer!.Status));
        Assert.Equal(Answer.Body.ToArray(), state.Answer.Body.ToArray());
        Assert.Equal(IdempotencyOutcome.Reused, (await other.BeginAsync(Id, Attempt(content: "other"), Cancelled)).Outcome);
    }

    [Fact]
    public async Task Attempt_that_was_ended_is_gone_on_with_at_once_and_with_its_time_of_receipt()
    {
        var (first, second) = (Attempt(), Attempt(seconds: 1));
        await Store.BeginAsync(Id, first, Cancelled);
        await Store.ReleaseAsync(Id, first, Cancelled);
        Assert.Equal(IdempotencyOutcome.Reused, (await Store.BeginAsync(Id, Attempt(content: "other"), Cancelled)).Outcome);

        // Also for a node whose clock lies behind.
        var resumed = await Store.BeginAsync(Id, second with { Now = second.Now.AddSeconds(-30) }, Cancelled);

        Assert.Equal(new IdempotencyState(IdempotencyOutcome.Resumed, first.ReceivedAt, null), resumed);
        Assert.Equal(IdempotencyOutcome.InProgress, (await Store.BeginAsync(Id, Attempt(seconds: 2), Cancelled)).Outcome);
    }

    [Theory]
    [InlineData(59, IdempotencyOutcome.InProgress)]
    [InlineData(60, IdempotencyOutcome.Resumed)]
    public async Task Dead_attempt_is_gone_on_with_when_its_time_is_over(int seconds, IdempotencyOutcome outcome)
    {
        var first = Attempt();
        await Store.BeginAsync(Id, first, Cancelled);
        Assert.Equal(new IdempotencyState(outcome, first.ReceivedAt, null), await Store.BeginAsync(Id, Attempt(seconds: seconds), Cancelled));
    }

    [Fact]
    public async Task Attempt_that_was_taken_over_changes_nothing_any_more()
    {
        var (first, second) = (Attempt(), Attempt(seconds: 61));
        await Store.BeginAsync(Id, first, Cancelled);
        await Store.BeginAsync(Id, second, Cancelled);
        await Store.CompleteAsync(Id, first, new KeptAnswer(207, Answer.Body), Cancelled);
        await Store.ForgetAsync(Id, first, Cancelled);
        await Store.ReleaseAsync(Id, first, Cancelled);
        Assert.Equal(IdempotencyOutcome.InProgress, (await Store.BeginAsync(Id, Attempt(seconds: 62), Cancelled)).Outcome);
        await Store.CompleteAsync(Id, second, Answer, Cancelled);
        Assert.Equal(201, (await Store.BeginAsync(Id, Attempt(seconds: 63), Cancelled)).Answer!.Status);
    }

    [Fact]
    public async Task Key_of_a_request_that_was_forgotten_is_free()
    {
        var first = Attempt();
        await Store.BeginAsync(Id, first, Cancelled);
        await Store.ForgetAsync(Id, first, Cancelled);
        var next = Attempt(seconds: 1, content: "other");
        Assert.Equal(new IdempotencyState(IdempotencyOutcome.Begun, next.ReceivedAt, null), await Store.BeginAsync(Id, next, Cancelled));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_older_than_is_kept_counts_no_more(bool isAnswered)
    {
        var first = Attempt();
        await Store.BeginAsync(Id, first, Cancelled);
        if (isAnswered)
            await Store.CompleteAsync(Id, first, Answer, Cancelled);
        var day = (int)Retention.TotalSeconds;
        Assert.NotEqual(IdempotencyOutcome.Begun, (await Store.BeginAsync(Id, Attempt(seconds: day), Cancelled)).Outcome);

        var next = Attempt(seconds: day + 1, content: "other");
        Assert.Equal(new IdempotencyState(IdempotencyOutcome.Begun, next.ReceivedAt, null), await Store.BeginAsync(Id, next, Cancelled));
        Assert.Equal(IdempotencyOutcome.InProgress, (await Store.BeginAsync(Id, Attempt(seconds: day + 2, content: "other"), Cancelled)).Outcome);
    }

    [Fact]
    public async Task Of_many_attempts_at_once_one_goes_on()
    {
        var other = NewNode();
        for (var round = 0; round < Rounds; round++)
        {
            var id = IdempotencyId.Of(Key, "measurement", $"round {round}");
            var first = await OneOfManyAsync(other, id, IdempotencyOutcome.Begun, seconds: 0);
            await Store.ReleaseAsync(id, first, Cancelled);
            await OneOfManyAsync(other, id, IdempotencyOutcome.Resumed, seconds: 1);
            await OneOfManyAsync(other, id, IdempotencyOutcome.Resumed, seconds: 100);
            await OneOfManyAsync(other, id, IdempotencyOutcome.Begun, seconds: (int)Retention.TotalSeconds + 100);
        }
    }

    [Fact]
    public async Task Keys_operations_and_callers_are_kept_apart()
    {
        IdempotencyId[] ids =
        [
            Id, IdempotencyId.Of(Key, "measurements", "one"), IdempotencyId.Of(Key, "measurement", "two"), IdempotencyId.Of("0123456789ab", "measurement", "one"),
            IdempotencyId.Of(Key, "measurement?bucket=b", "one"),
        ];
        foreach (var id in ids)
            Assert.Equal(IdempotencyOutcome.Begun, (await Store.BeginAsync(id, Attempt(), Cancelled)).Outcome);
        Assert.Equal(IdempotencyOutcome.InProgress, (await Store.BeginAsync(IdempotencyId.Of(Key, "measurement", "one"), Attempt(), Cancelled)).Outcome);
    }

    [Fact]
    public async Task Old_ones_are_removed_in_portions_the_oldest_first()
    {
        foreach (var i in Shuffled(Enumerable.Range(0, 10)))
            await Store.BeginAsync(Numbered(i), Attempt(seconds: i), Cancelled);
        var before = SomeKeys.Now.AddSeconds(5);
        Assert.Equal(3, await Store.RemoveAsync(before, 3, Cancelled));
        Assert.Equal(Enumerable.Range(3, 7), await LeftAsync());
        Assert.Equal(2, await Store.RemoveAsync(before, 3, Cancelled));
        Assert.Equal(0, await Store.RemoveAsync(before, 3, Cancelled));
        Assert.Equal(Enumerable.Range(5, 5), await LeftAsync());
    }

    [Fact]
    public async Task Beyond_the_most_of_a_key_the_oldest_are_removed_and_other_keys_lose_nothing()
    {
        var foreign = IdempotencyId.Of("other", "measurement", "old");
        await Store.BeginAsync(foreign, Attempt(seconds: -100), Cancelled);
        foreach (var i in Shuffled(Enumerable.Range(0, 10)))
            await Store.BeginAsync(Numbered(i), Attempt(seconds: i), Cancelled);
        Assert.Equal(0, await Store.RemoveBeyondAsync(10, long.MaxValue, 100, Cancelled));
        Assert.Equal(2, await Store.RemoveBeyondAsync(7, long.MaxValue, 2, Cancelled));
        Assert.Equal(1, await Store.RemoveBeyondAsync(7, long.MaxValue, 2, Cancelled));
        Assert.Equal(0, await Store.RemoveBeyondAsync(7, long.MaxValue, 2, Cancelled));
        Assert.Equal(Enumerable.Range(3, 7), await LeftAsync());
        Assert.Equal(IdempotencyOutcome.InProgress, (await Store.BeginAsync(foreign, Attempt(seconds: -99), Cancelled)).Outcome);
    }

    [Fact]
    public async Task Beyond_the_most_bytes_of_a_key_the_oldest_answers_are_removed_and_other_keys_lose_nothing()
    {
        var foreign = IdempotencyId.Of("other", "measurement", "old");
        await CompleteAsync(foreign, seconds: -100, bytes: 300);
        foreach (var i in Shuffled(Enumerable.Range(0, 10)))
            await CompleteAsync(Numbered(i), seconds: i, bytes: 100);
        Assert.Equal(0, await Store.RemoveBeyondAsync(100, 1_000, 100, Cancelled));

        // One byte too much costs a whole answer.
        Assert.Equal(1, await Store.RemoveBeyondAsync(100, 999, 100, Cancelled));
        Assert.Equal(2, await Store.RemoveBeyondAsync(100, 600, 2, Cancelled));
        Assert.Equal(1, await Store.RemoveBeyondAsync(100, 600, 2, Cancelled));
        Assert.Equal(0, await Store.RemoveBeyondAsync(100, 600, 2, Cancelled));
        Assert.Equal(Enumerable.Range(4, 6), await LeftAsync());
        Assert.Equal(IdempotencyOutcome.Answered, (await Store.BeginAsync(foreign, Attempt(seconds: -99), Cancelled)).Outcome);
    }

    [Fact]
    public async Task Outage_is_told_and_leaves_everything_as_it_was()
    {
        var first = Attempt();
        await Store.BeginAsync(Id, first, Cancelled);
        await Database.ExecuteAsync("ALTER TABLE idempotency RENAME TO away");
        await Assert.ThrowsAsync<KeyStoreUnavailableException>(() => Store.BeginAsync(Id, Attempt(), Cancelled));
        await Assert.ThrowsAsync<KeyStoreUnavailableException>(() => Store.CompleteAsync(Id, first, Answer, Cancelled));
        await Assert.ThrowsAsync<KeyStoreUnavailableException>(() => Store.RemoveAsync(SomeKeys.Now, 10, Cancelled));
        await Database.ExecuteAsync("ALTER TABLE away RENAME TO idempotency");
        await Store.CompleteAsync(Id, first, Answer, Cancelled);
        Assert.Equal(IdempotencyOutcome.Answered, (await Store.BeginAsync(Id, Attempt(), Cancelled)).Outcome);
    }

    private static IdempotencyId Numbered(int number) => IdempotencyId.Of(Key, "measurement", $"number {number}");

    /// <summary>One more attempt, so many seconds after the first. To the microsecond, as PostgreSQL keeps it.</summary>
    private static IdempotencyAttempt Attempt(int seconds = 0, string content = "content")
    {
        var now = SomeKeys.Now.AddSeconds(seconds);
        return new IdempotencyAttempt(
            Guid.NewGuid().ToString("N"), SHA256.HashData(Encoding.UTF8.GetBytes(content)), new Timestamp(seconds + 1_000_000_007), now, now + Duration, now - Retention);
    }

    private async Task<IdempotencyAttempt> OneOfManyAsync(KeyStoreNode other, IdempotencyId id, IdempotencyOutcome expected, int seconds)
    {
        var attempts = Enumerable.Range(0, 8).Select(_ => Attempt(seconds)).ToArray();
        var states = await Together(8, i => (i % 2 == 0 ? Node : other).Idempotency.BeginAsync(id, attempts[i], Cancelled));
        var winner = Assert.Single(states, state => state.Outcome == expected);
        Assert.Equal(7, states.Count(state => state.Outcome == IdempotencyOutcome.InProgress));
        return attempts[Array.IndexOf(states, winner)];
    }

    private async Task CompleteAsync(IdempotencyId id, int seconds, int bytes)
    {
        var attempt = Attempt(seconds);
        await Store.BeginAsync(id, attempt, Cancelled);
        await Store.CompleteAsync(id, attempt, new KeptAnswer(201, new byte[bytes]), Cancelled);
    }

    private async Task<IEnumerable<int>> LeftAsync()
    {
        await using var context = await Node.ContextAsync();
        var left = await context.Idempotency.Where(row => row.KeyId == Key).Select(row => row.Digest).ToListAsync(Cancelled);
        return [.. Enumerable.Range(0, 10).Where(i => left.Exists(digest => Numbered(i).Digest.Span.SequenceEqual(digest)))];
    }
}
