using IotBackend.Application.Caching;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using IotBackend.UnitTests.Buckets;
using Microsoft.Extensions.Logging;
using NSubstitute;
using Xunit;
using static IotBackend.UnitTests.Caching.TestAnswers;

namespace IotBackend.UnitTests.Caching;

/// <summary>Answers that are made anew before their end, and what is counted of all that happens.</summary>
public sealed class RefreshTests : IDisposable
{
    private static readonly Error Outage = new(ErrorKind.Unavailable, ErrorCodes.StorageUnavailable, "The store does not answer.");
    private static readonly AnswerDeclaration Query = Declare(TestBuckets.Name("b"), AllTime, "a");

    // Late in an open answer's life, and before its end.
    private static readonly TimeSpan Late = AnswerCaching.OpenLifetime * 0.9;

    private readonly CacheUnderTest _test = new();
    private int _reads;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private CacheFigures Figures => _test.Cache.Figures;

    public void Dispose() => _test.Dispose();

    [Fact]
    public async Task Open_answer_that_is_asked_often_is_made_anew_before_its_end_so_that_nobody_waits()
    {
        await AskAsync();
        var madeAt = _test.Time.GetUtcNow();
        for (var life = 1; life <= 5; life++)
        {
            Assert.All(await AskAsync(2), outcome => Assert.Equal(CacheOutcome.Hit, outcome));
            _test.Time.Advance(madeAt + Late - _test.Time.GetUtcNow());
            Assert.All(await AskAsync(2), outcome => Assert.Equal(CacheOutcome.Hit, outcome));
            Assert.Equal(life + 1, _reads);

            // The end of the one before.
            var end = madeAt + AnswerCaching.OpenLifetime;
            madeAt = _test.Time.GetUtcNow();
            _test.Time.Advance(end - madeAt);
            Assert.All(await AskAsync(1), outcome => Assert.Equal(CacheOutcome.Hit, outcome));
        }

        Assert.Equal((1, 5), (Figures.Misses, Figures.Refreshed));
    }

    [Fact]
    public async Task Open_answer_that_is_asked_seldom_is_not()
    {
        await AskAsync();
        _test.Time.Advance(Late);
        await AskAsync(2);
        Assert.Equal(1, _reads);

        // The third makes it often.
        await AskAsync(1);
        Assert.Equal(2, _reads);
    }

    [Fact]
    public async Task Nobody_who_asks_is_nothing_that_is_made_anew()
    {
        await AskAsync(10);
        _test.Time.Advance(Late);
        await AskAsync(1);
        Assert.Equal(2, _reads);

        _test.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(2, _reads);

        // What was asked often once is not for that asked often now.
        await AskAsync(1);
        _test.Time.Advance(Late);
        await AskAsync(1);
        Assert.Equal(3, _reads);
    }

    [Fact]
    public async Task Write_that_is_acknowledged_while_an_answer_is_made_anew_is_in_the_next_one()
    {
        await AskAsync(5);
        _test.Time.Advance(Late);
        var gate = new TaskCompletionSource();
        Assert.Equal(CacheOutcome.Hit, (await AskOnceAsync(async _ =>
        {
            await gate.Task;
            return await Fresh("without it");
        })).Value.Outcome);
        Store("a");

        var mine = await AskOnceAsync(_ => Fresh("with it"));
        gate.SetResult();

        Assert.Equal("with it", TextOf(mine.Value));
        Assert.Equal("with it", TextOf((await AskOnceAsync(_ => Fresh("anew"))).Value));
    }

    [Fact]
    public async Task Refresh_that_fails_is_no_stale_answer_and_is_not_tried_at_once_again()
    {
        await AskAsync(5);
        _test.Time.Advance(Late);
        var failures = 0;
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(CacheOutcome.Hit, (await AskOnceAsync(_ =>
            {
                failures++;
                return Task.FromResult<Result<ServedAnswer>>(Outage);
            })).Value.Outcome);
        }

        Assert.Equal(1, failures);
        Assert.Equal((9, 1, 0, 0, 0), (Figures.Hits, Figures.Misses, Figures.Coalesced, Figures.Stale, Figures.Refreshed));
    }

    [Fact]
    public async Task Bug_in_a_refresh_is_logged_and_the_answer_serves_on()
    {
        await AskAsync(5);
        _test.Time.Advance(Late);

        var hit = await AskOnceAsync(_ => throw new InvalidOperationException("A bug."));

        Assert.Equal(CacheOutcome.Hit, hit.Value.Outcome);
        _test.Log.Received(1).Log(LogLevel.Error, new EventId(140, "NotRefreshed"), Arg.Any<object>(), Arg.Any<InvalidOperationException>(), Arg.Any<Func<object, Exception?, string>>());
    }

    [Fact]
    public async Task Each_request_counts_once_as_what_it_was_told()
    {
        await AskAsync(3);
        _test.Time.Advance(TimeSpan.FromSeconds(10));
        var gate = new TaskCompletionSource();
        var stale = Enumerable.Range(0, 4).Select(_ => AskOnceAsync(async _ =>
        {
            await gate.Task;
            return Outage;
        })).ToArray();
        gate.SetResult();
        Assert.All(await Task.WhenAll(stale), result => Assert.Equal(CacheOutcome.Stale, result.Value.Outcome));
        Assert.Equal((2, 1, 0, 4), (Figures.Hits, Figures.Misses, Figures.Coalesced, Figures.Stale));

        _test.Time.Advance(TimeSpan.FromSeconds(10));
        var again = new TaskCompletionSource();
        var collapsed = Enumerable.Range(0, 4).Select(_ => AskOnceAsync(async _ =>
        {
            await again.Task;
            return await ReadAsync();
        })).ToArray();
        again.SetResult();
        await Task.WhenAll(collapsed);

        Assert.Equal((2, 2, 3, 4), (Figures.Hits, Figures.Misses, Figures.Coalesced, Figures.Stale));
        Assert.Equal(9.0 / 11, Figures.HitRate, 6);
    }

    [Fact]
    public async Task Who_waits_for_a_refresh_that_has_begun_before_the_end_asks_the_store_no_second_time()
    {
        await AskAsync(5);
        _test.Time.Advance(Late);
        var gate = new TaskCompletionSource();
        await AskOnceAsync(async _ =>
        {
            await gate.Task;
            return await ReadAsync();
        });
        _test.Time.Advance(AnswerCaching.OpenLifetime - Late);
        var waiting = AskOnceAsync(_ => Fresh("a second time"));
        gate.SetResult();

        Assert.Equal(("2", CacheOutcome.Collapsed), (TextOf((await waiting).Value), (await waiting).Value.Outcome));
        Assert.Equal((5, 1, 1, 1), (Figures.Hits, Figures.Misses, Figures.Coalesced, Figures.Refreshed));
    }

    private async Task<List<CacheOutcome>> AskAsync(int times = 1)
    {
        var outcomes = new List<CacheOutcome>();
        for (var i = 0; i < times; i++)
            outcomes.Add((await AskOnceAsync(_ => ReadAsync())).Value.Outcome);
        return outcomes;
    }

    private Task<Result<ServedAnswer>> AskOnceAsync(Func<CancellationToken, Task<Result<ServedAnswer>>> read) => _test.AskAsync(Query, read, Cancellation);

    private Task<Result<ServedAnswer>> ReadAsync() => Fresh($"{Interlocked.Increment(ref _reads)}");

    private static Task<Result<ServedAnswer>> Fresh(string text) => Task.FromResult<Result<ServedAnswer>>(ServedAnswer.Fresh(Answer(text), isLasting: false));

    private void Store(string device)
    {
        using var batch = Batch((device, Timestamp.From(_test.Time.GetUtcNow()).Nanoseconds));
        var told = _test.Invalidation.StoredAsync(TestBuckets.Name("b"), batch);
        Assert.True(told.IsCompletedSuccessfully);
    }
}
