using System.Net;
using System.Net.Http.Headers;

namespace IotBackend.Simulator.Sending;

/// <summary>When a refused or lost request is sent again: what passes by itself is retried, what the sender did wrong is not.</summary>
internal sealed class RetryPolicy(RetryOptions options, TimeProvider clock, Random random)
{
    public static bool IsTransient(HttpStatusCode status) =>
        status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)status >= 500;

    /// <summary>The wait before the next attempt, or null when giving up is due.</summary>
    /// <param name="failures">Failed attempts so far, at least 1.</param>
    /// <param name="retryAfter">What the server asked for, if it did.</param>
    /// <param name="elapsed">Time since the first attempt began.</param>
    public TimeSpan? NextDelay(int failures, RetryConditionHeaderValue? retryAfter, TimeSpan elapsed)
    {
        var delay = AskedFor(retryAfter) is { } asked ? asked + Jitter(options.FirstDelay) : Backoff(failures);
        return elapsed + delay > options.GiveUpAfter ? null : delay;
    }

    private TimeSpan? AskedFor(RetryConditionHeaderValue? retryAfter)
    {
        var delay = retryAfter?.Delta ?? retryAfter?.Date - clock.GetUtcNow();
        return delay < TimeSpan.Zero ? TimeSpan.Zero : delay;
    }

    /// <summary>Between half and all of the doubled delay: devices that failed together do not come back together.</summary>
    private TimeSpan Backoff(int failures)
    {
        var doubled = options.FirstDelay * Math.Pow(2, Math.Min(failures - 1, 30));
        var half = (doubled < options.MaxDelay ? doubled : options.MaxDelay) / 2;
        return half + Jitter(half);
    }

    private TimeSpan Jitter(TimeSpan most)
    {
        lock (random)
            return most * random.NextDouble();
    }
}
