using IotBackend.Application.Caching;
using IotBackend.Application.Nodes;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using IotBackend.UnitTests.Buckets;
using NSubstitute;
using Xunit;
using static IotBackend.UnitTests.Caching.TestAnswers;

namespace IotBackend.UnitTests.Caching;

public sealed class AnswerCacheTests : IDisposable
{
    private static readonly Error Outage = new(ErrorKind.Unavailable, ErrorCodes.StorageUnavailable, "The store does not answer.");
    private static readonly AnswerDeclaration Query = Declare(TestBuckets.Name("b"), AllTime, "a");

    private readonly CacheUnderTest _test = new();
    private int _reads;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _test.Dispose();

    [Fact]
    public async Task Open_answer_serves_for_less_than_a_second_from_the_start_of_its_reading()
    {
        var made = await AskAsync();
        _test.Time.Advance(AnswerCaching.OpenLifetime - TimeSpan.FromMilliseconds(1));
        var hit = await AskAsync();
        _test.Time.Advance(TimeSpan.FromMilliseconds(1));
        var again = await AskAsync();

        Assert.Equal([CacheOutcome.Miss, CacheOutcome.Hit, CacheOutcome.Miss], new[] { made, hit, again }.Select(result => result.Value.Outcome));
        Assert.Equal(["1", "1", "2"], new[] { made, hit, again }.Select(result => TextOf(result.Value)));
        Assert.Equal(TimeSpan.FromMilliseconds(1), hit.Value.TimeToLive);
    }

    [Fact]
    public async Task Reading_that_took_long_does_not_make_its_answer_younger()
    {
        await AskAsync(read: _ =>
        {
            _test.Time.Advance(AnswerCaching.OpenLifetime);
            return Fresh("slow");
        });

        Assert.Equal(CacheOutcome.Miss, (await AskAsync()).Value.Outcome);
    }

    [Fact]
    public async Task Lasting_answer_serves_for_its_time_and_is_made_anew_before_its_end_without_anybody_waiting()
    {
        await AskAsync(isLasting: true);
        _test.Time.Advance(TimeSpan.FromMinutes(50));
        Assert.Equal("1", TextOf((await AskAsync(isLasting: true)).Value));
        Assert.Equal(1, _reads);

        _test.Time.Advance(TimeSpan.FromMinutes(5));
        var last = await AskAsync(isLasting: true);
        Assert.Equal(("1", CacheOutcome.Hit), (TextOf(last.Value), last.Value.Outcome));
        Assert.Equal(2, _reads);

        _test.Time.Advance(TimeSpan.FromMinutes(10));
        var renewed = await AskAsync(isLasting: true);
        Assert.Equal(("2", CacheOutcome.Hit), (TextOf(renewed.Value), renewed.Value.Outcome));
    }

    [Fact]
    public async Task A_thousand_who_ask_the_same_at_once_cause_one_reading()
    {
        var gate = new TaskCompletionSource();
        var asking = Enumerable.Range(0, 1_000).Select(_ => Task.Run(() => AskAsync(read: async _ =>
        {
            await gate.Task;
            return await ReadAsync(false);
        }))).ToArray();
        SpinWait.SpinUntil(() => asking.All(task => task.Status is TaskStatus.WaitingForActivation), TimeSpan.FromSeconds(30));
        gate.SetResult();

        var served = await Task.WhenAll(asking);

        Assert.Equal(1, _reads);
        Assert.Single(served, result => result.Value.Outcome == CacheOutcome.Miss);
        Assert.All(served, result => Assert.Equal("1", TextOf(result.Value)));
        Assert.Equal(1_000, _test.Cache.Figures.Misses + _test.Cache.Figures.Coalesced + _test.Cache.Figures.Hits);
    }

    [Fact]
    public async Task Who_looked_before_another_answer_came_and_asks_after_it_gets_that_one()
    {
        var generation = _test.Cache.Watch(Query);
        Assert.Null(_test.Cache.Find(Query.Key, generation, out _));
        await AskAsync();

        var served = await _test.Cache.MakeAsync(Query.Key, generation, _ => ReadAsync(false), Cancellation);

        Assert.Equal(("1", CacheOutcome.Hit, 1), (TextOf(served.Value), served.Value.Outcome, _reads));
    }

    [Fact]
    public async Task Failure_is_shared_by_those_who_wait_and_kept_for_nobody()
    {
        var gate = new TaskCompletionSource();
        async Task<Result<ServedAnswer>> FailAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _reads);
            await gate.Task;
            return Outage;
        }

        var asking = Enumerable.Range(0, 20).Select(_ => AskAsync(read: FailAsync)).ToArray();
        gate.SetResult();

        Assert.All(await Task.WhenAll(asking), result => Assert.Equal(Outage, result.Error));
        Assert.Equal(1, _reads);
        Assert.Equal("2", TextOf((await AskAsync()).Value));
    }

    [Fact]
    public async Task Bug_in_a_reading_reaches_all_who_wait_and_the_next_reading_is_a_new_one()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => AskAsync(read: _ => throw new InvalidOperationException("A bug.")));

        Assert.True((await AskAsync()).IsSuccess);
    }

    [Fact]
    public async Task Who_gives_up_does_not_take_the_answer_from_the_others()
    {
        var gate = new TaskCompletionSource();
        using var impatience = new CancellationTokenSource();
        CancellationToken seen = default;
        var first = AskAsync(
            read: async token =>
            {
                seen = token;
                await gate.Task;
                return await ReadAsync(false);
            },
            cancellationToken: impatience.Token);
        var second = AskAsync();

        await impatience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.False(seen.IsCancellationRequested);
        gate.SetResult();
        Assert.Equal("1", TextOf((await second).Value));
    }

    [Fact]
    public async Task Reading_that_nobody_waits_for_any_more_is_given_up_and_the_next_begins_a_new_one()
    {
        using var impatience = new CancellationTokenSource();
        var gaveUp = new TaskCompletionSource();
        var first = AskAsync(
            read: async token =>
            {
                await using var registration = token.Register(gaveUp.SetResult);
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
                return Outage;
            },
            cancellationToken: impatience.Token);

        await impatience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await gaveUp.Task.WaitAsync(Cancellation);
        Assert.Equal("1", TextOf((await AskAsync()).Value));
    }

    [Fact]
    public async Task Write_that_is_acknowledged_while_an_older_reading_goes_on_is_in_the_next_answer()
    {
        var gate = new TaskCompletionSource();
        var old = AskAsync(read: async _ =>
        {
            await gate.Task;
            return await Fresh("without it");
        });
        Store("a");

        var mine = await AskAsync(read: _ => Fresh("with it"));
        gate.SetResult();
        await old;

        Assert.Equal("with it", TextOf(mine.Value));
        Assert.Equal("with it", TextOf((await AskAsync()).Value));
    }

    [Fact]
    public async Task Stale_answer_serves_for_a_bounded_time_while_the_store_does_not_answer()
    {
        await AskAsync();
        _test.Time.Advance(TimeSpan.FromSeconds(10));
        var stale = await AskAsync(read: _ => Failed());

        Assert.Equal(("1", CacheOutcome.Stale), (TextOf(stale.Value), stale.Value.Outcome));
        Assert.Equal(TimeSpan.FromSeconds(10), stale.Value.Age);
        Assert.Equal(AnswerCaching.OpenLifetime - TimeSpan.FromSeconds(10), stale.Value.TimeToLive);

        // The store is not asked again at once.
        Assert.Equal(CacheOutcome.Stale, (await AskAsync()).Value.Outcome);
        Assert.Equal(1, _reads);

        _test.Time.Advance(Settings.StaleLifetime);
        Assert.Equal(Outage, (await AskAsync(read: _ => Failed())).Error);
        Assert.Equal(2, _test.Cache.Figures.Stale);
    }

    [Fact]
    public async Task Stale_answer_gives_way_as_soon_as_the_store_is_tried_again_and_answers()
    {
        await AskAsync();
        _test.Time.Advance(TimeSpan.FromSeconds(10));
        await AskAsync(read: _ => Failed());
        _test.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("2", TextOf((await AskAsync()).Value));
    }

    [Fact]
    public async Task Stale_answer_that_lacks_an_acknowledged_write_is_no_answer()
    {
        await AskAsync();
        Store("a");

        Assert.Equal(Outage, (await AskAsync(read: _ => Failed())).Error);
    }

    [Theory]
    [InlineData(ErrorKind.NotFound)]
    [InlineData(ErrorKind.Invalid)]
    public async Task Refusal_of_the_store_is_no_outage(ErrorKind kind)
    {
        await AskAsync();
        _test.Time.Advance(TimeSpan.FromSeconds(10));

        Assert.False((await AskAsync(read: _ => Task.FromResult<Result<ServedAnswer>>(new Error(kind, "code", "No.")))).IsSuccess);
    }

    [Fact]
    public async Task Memory_is_bounded_in_bytes_and_a_huge_answer_drives_out_nothing()
    {
        using var small = new CacheUnderTest(Settings with { MaxBytes = 1 << 20 });
        await small.AskAsync(Query, _ => Fresh(new string('x', 1 << 17)), Cancellation);
        Assert.Equal(0, small.Memory.Entries);

        for (var i = 0; i < 500; i++)
        {
            var query = Query with { Key = $"query {i}" };
            await small.AskAsync(query, _ => Fresh(new string('x', 10_000)), Cancellation);
            Assert.InRange(small.Memory.Bytes, 0, 1 << 20);
        }

        Assert.InRange(small.Memory.Entries, 10, 110);
        SpinWait.SpinUntil(() => small.Cache.Figures.Evicted > 0, TimeSpan.FromSeconds(30));
        Assert.InRange(small.Cache.Figures.Evicted, 1, 500);
    }

    [Fact]
    public async Task Answer_that_is_changed_again_and_again_takes_the_room_of_one()
    {
        for (var i = 0; i < 100; i++)
        {
            await AskAsync();
            Store("a");
        }

        Assert.Equal(100, _reads);
        Assert.Equal(1, _test.Memory.Entries);
    }

    [Fact]
    public async Task While_other_nodes_are_not_heard_lasting_answers_are_short_lived()
    {
        var messages = Substitute.For<INodeMessages>();
        messages.IsConnected.Returns(true);
        using var test = new CacheUnderTest(messages: messages);
        await test.AskAsync(Query, _ => ReadAsync(true), Cancellation);
        test.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(CacheOutcome.Hit, (await test.AskAsync(Query, _ => ReadAsync(true), Cancellation)).Value.Outcome);

        messages.IsConnected.Returns(false);

        Assert.Equal(CacheOutcome.Miss, (await test.AskAsync(Query, _ => ReadAsync(true), Cancellation)).Value.Outcome);
    }

    [Fact]
    public async Task Figures_tell_what_happened()
    {
        await AskAsync();
        await AskAsync();
        await AskAsync();

        var figures = _test.Cache.Figures;
        Assert.Equal((2, 1, 0, 0, 1), (figures.Hits, figures.Misses, figures.Coalesced, figures.Stale, figures.Entries));
        Assert.InRange(figures.Bytes, 1, figures.CapacityBytes);
        Assert.Equal(2.0 / 3, figures.HitRate, 6);
    }

    private Task<Result<ServedAnswer>> AskAsync(
        bool isLasting = false, Func<CancellationToken, Task<Result<ServedAnswer>>>? read = null, CancellationToken? cancellationToken = null) =>
        _test.AskAsync(Query, read ?? (_ => ReadAsync(isLasting)), cancellationToken ?? Cancellation);

    private Task<Result<ServedAnswer>> ReadAsync(bool isLasting) => Fresh($"{Interlocked.Increment(ref _reads)}", isLasting);

    private static Task<Result<ServedAnswer>> Fresh(string text, bool isLasting = false) =>
        Task.FromResult<Result<ServedAnswer>>(ServedAnswer.Fresh(Answer(text), isLasting));

    private static Task<Result<ServedAnswer>> Failed() => Task.FromResult<Result<ServedAnswer>>(Outage);

    private void Store(string device)
    {
        using var batch = Batch((device, Timestamp.From(_test.Time.GetUtcNow()).Nanoseconds));
        var told = _test.Invalidation.StoredAsync(TestBuckets.Name("b"), batch);
        Assert.True(told.IsCompletedSuccessfully);
    }
}
