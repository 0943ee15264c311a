using System.Runtime.InteropServices;
using IotBackend.Application.Access;
using IotBackend.Application.Access.RateLimits;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Infrastructure.Redis;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace IotBackend.Infrastructure.RateLimiting;

/// <summary>
/// Counts in Redis, for all nodes together and by its clock; one question a request. What comes for a key while a question of it is under way is
/// asked together afterwards (benchmark P10). The answers are known in this process as well, which serves the looks, and goes on counting where
/// Redis does not answer.
/// </summary>
/// <param name="local">Counts in this process.</param>
/// <param name="connection">Redis.</param>
/// <param name="prefix">Begins the names of the keys.</param>
/// <param name="clock">Unix milliseconds by which is counted; null: Redis' own clock.</param>
/// <param name="logger">Is told once of answers that are not understood.</param>
internal sealed partial class RedisRateLimiter(RateLimiter local, RedisConnection connection, string prefix, Func<long>? clock, ILogger<RedisRateLimiter> logger) : IRateLimiter
{
    // So many take Redis about a millisecond.
    private const int MostTogether = 100;

    // The number is that of the state's version.
    private readonly string _prefix = prefix + "limit1:";
    private readonly Lock _lock = new();

    // The keys of which a question is under way, and who waits for its end.
    private readonly Dictionary<string, Queue<Asking>?> _underWay = new(StringComparer.Ordinal);
    private int _notUnderstood;

    public ValueTask<RateLimitDecision?> AcquireAsync(Caller caller, RequestCost cost, CancellationToken cancellationToken)
    {
        var tier = local.TierOf(caller);
        if (!tier.HasLimits)
            return default;
        if (!connection.Answers)
            return local.AcquireAsync(caller, cost, cancellationToken);
        var asking = new Asking(caller, tier, cost, TimeProvider.System.GetTimestamp());
        if (IsFirst(asking))
            _ = AskInTurnAsync(asking);
        return new ValueTask<RateLimitDecision?>(asking.Task);
    }

    public ValueTask<RateLimitDecision?> LookAsync(Caller caller, CancellationToken cancellationToken) => local.LookAsync(caller, cancellationToken);

    private bool IsFirst(Asking asking)
    {
        lock (_lock)
        {
            ref var waiting = ref CollectionsMarshal.GetValueRefOrAddDefault(_underWay, asking.Caller.KeyId, out var isUnderWay);
            if (!isUnderWay)
                return true;
            (waiting ??= new Queue<Asking>()).Enqueue(asking);
            return false;
        }
    }

    // Nothing when nobody waits: the next who asks is a first one again.
    private Asking[] TakeWaiting(string keyId)
    {
        lock (_lock)
        {
            if (_underWay[keyId] is not { Count: > 0 } waiting)
            {
                _underWay.Remove(keyId);
                return [];
            }

            var taken = new Asking[Math.Min(waiting.Count, MostTogether)];
            for (var i = 0; i < taken.Length; i++)
                taken[i] = waiting.Dequeue();
            return taken;
        }
    }

    private async Task AskInTurnAsync(Asking first)
    {
        var together = new[] { first };
        while (together.Length > 0)
        {
            await DecideAsync(together);
            together = TakeWaiting(first.Caller.KeyId);
        }
    }

    // Whatever happens, everyone is answered.
    private async Task DecideAsync(Asking[] together)
    {
        var (isShared, isTold) = (false, false);
        var keyId = together[0].Caller.KeyId;
        var unshared = local.TakeUnshared(keyId, together[0].Tier);
        try
        {
            var answers = await AskAsync(together, unshared);
            isTold = true;
            for (var i = 0; i < together.Length; i++)
                Answer(together[i], answers.AsSpan(i * CounterState.AnswerSize));
        }
        catch (RedisAwayException exception)
        {
            // Told by the connection, once an outage. What was only late Redis has counted, or will when it goes on.
            isShared = exception.InnerException is TimeoutException;
        }
#pragma warning disable CA1031 // A bug must not leave anyone waiting for ever.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            TellOnce(exception);
        }

        if (!isTold && !isShared && unshared is { } kept)
            local.GiveBack(keyId, kept);
        foreach (var asking in together)
        {
            if (!asking.Task.IsCompleted)
                asking.SetResult(local.AcquireAlone(asking.Caller, asking.Cost, isShared));
        }
    }

    private async Task<byte[]> AskAsync(Asking[] together, UnsharedCount? unshared)
    {
        var first = together[0];
        var values = new RedisValue[together.Length + 1];
        values[0] = unshared is { } known ? known.State.Encode(first.Tier) : RedisValue.EmptyString;
        var now = clock?.Invoke() ?? 0;
        for (var i = 0; i < together.Length; i++)
            values[i + 1] = CounterState.Ask(together[i].Tier, together[i].Cost, i == 0 ? unshared?.Taken ?? default : default, now);
        var answer = await connection.AskAsync(
            static (database, question) => database.ScriptEvaluateAsync(SlidingWindowScript.Text, question.Keys, question.Values),
            (Keys: new RedisKey[] { _prefix + first.Caller.KeyId }, Values: values),
            TimeProvider.System.GetElapsedTime(first.Since));
        return (byte[]?)answer ?? [];
    }

    private void Answer(Asking asking, ReadOnlySpan<byte> bytes)
    {
        if (!CounterState.TryReadAnswer(bytes, out var outcome, out var now, out var shared))
        {
            TellOnce(null);
            return;
        }

        local.Learn(asking.Caller.KeyId, asking.Tier, shared, now);
        asking.SetResult(KeyCounter.Describe(asking.Tier, shared, asking.Cost, outcome, now));
    }

    private void TellOnce(Exception? exception)
    {
        if (Interlocked.Exchange(ref _notUnderstood, 1) == 0)
            Log.NotUnderstood(logger, exception);
    }

    /// <summary>Somebody who waits for a decision. Whoever completes it does not run what comes after it.</summary>
    private sealed class Asking(Caller caller, Tier tier, RequestCost cost, long since)
        : TaskCompletionSource<RateLimitDecision?>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public Caller Caller => caller;

        public Tier Tier => tier;

        public RequestCost Cost => cost;

        public long Since => since;
    }

    private static partial class Log
    {
        [LoggerMessage(74, LogLevel.Error, "Redis answers what the rate limiter does not understand; this node counts alone")]
        public static partial void NotUnderstood(ILogger logger, Exception? exception);
    }
}
