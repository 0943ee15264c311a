using IotBackend.Application.Access;
using IotBackend.Application.Access.RateLimits;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Infrastructure.Redis;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace IotBackend.Infrastructure.RateLimiting;

/// <summary>
/// Counts in Redis, for all nodes together and by its clock; one question a request. What it answers is known in this process as well, which
/// serves the looks, and goes on counting where Redis does not answer.
/// </summary>
/// <param name="local">Counts in this process.</param>
/// <param name="connection">Redis.</param>
/// <param name="prefix">Begins the names of the keys.</param>
/// <param name="clock">Unix milliseconds by which is counted; null: Redis' own clock.</param>
/// <param name="logger">Is told once of answers that are not understood.</param>
internal sealed partial class RedisRateLimiter(RateLimiter local, RedisConnection connection, string prefix, Func<long>? clock, ILogger<RedisRateLimiter> logger) : IRateLimiter
{
    // The number is that of the state's version.
    private readonly string _prefix = prefix + "limit1:";
    private int _notUnderstood;

    public ValueTask<RateLimitDecision?> AcquireAsync(Caller caller, RequestCost cost, CancellationToken cancellationToken)
    {
        var tier = local.TierOf(caller);
        if (!tier.HasLimits)
            return default;
        return connection.Answers ? AskAsync(caller, tier, cost, cancellationToken) : local.AcquireAsync(caller, cost, cancellationToken);
    }

    public ValueTask<RateLimitDecision?> LookAsync(Caller caller, CancellationToken cancellationToken) => local.LookAsync(caller, cancellationToken);

    private async ValueTask<RateLimitDecision?> AskAsync(Caller caller, Tier tier, RequestCost cost, CancellationToken cancellationToken)
    {
        try
        {
            var unshared = local.TakeUnshared(caller.KeyId, tier);
            var question = new Question(
                [_prefix + caller.KeyId],
                [
                    CounterState.Ask(tier, cost, unshared?.Taken ?? default, clock?.Invoke() ?? 0),
                    unshared is { } known ? known.State.Encode(tier) : RedisValue.EmptyString,
                ]);
            var answer = await connection.AskAsync(
                static (database, question) => database.ScriptEvaluateAsync(SlidingWindowScript.Text, question.Keys, question.Values), question);
            if (CounterState.TryReadAnswer((byte[]?)answer, out var outcome, out var now, out var shared))
            {
                local.Learn(caller.KeyId, tier, shared, now);
                return KeyCounter.Describe(tier, shared, cost, outcome, now);
            }

            if (Interlocked.Exchange(ref _notUnderstood, 1) == 0)
                Log.NotUnderstood(logger);
        }
        catch (RedisAwayException exception) when (exception.InnerException is TimeoutException)
        {
            // Redis has most probably counted it, or will when it goes on.
            return local.AcquireShared(caller, cost);
        }
        catch (RedisAwayException)
        {
            // Told by the connection, once an outage.
        }

        return await local.AcquireAsync(caller, cost, cancellationToken);
    }

    private sealed record Question(RedisKey[] Keys, RedisValue[] Values);

    private static partial class Log
    {
        [LoggerMessage(74, LogLevel.Error, "Redis answers what the rate limiter does not understand; this node counts alone")]
        public static partial void NotUnderstood(ILogger logger);
    }
}
