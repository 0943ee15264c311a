using System.Net;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>How long InfluxDB is waited for, what is sent again, and when it is no longer asked.</summary>
internal static class InfluxDbResilience
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// A write that got no connection is sent once more, since a pooled connection may just have been closed; the same points twice are the
    /// same points. One that timed out or failed is not: the spool will do it, and the client need not wait.
    /// </summary>
    public static void ConfigureWrites(ResiliencePipelineBuilder<HttpResponseMessage> pipeline, InfluxDbOptions options) => pipeline
        .AddRetry(new HttpRetryStrategyOptions
        {
            MaxRetryAttempts = 1,
            Delay = TimeSpan.FromMilliseconds(20),
            ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Exception is HttpRequestException),
        })
        .AddTimeout(TimeSpan.FromSeconds(options.TimeoutSeconds));

    /// <summary>What reads is sent again when InfluxDB failed; what changes something never is.</summary>
    public static void ConfigureQueries(ResiliencePipelineBuilder<HttpResponseMessage> pipeline, InfluxDbOptions options) => pipeline
        .AddCircuitBreaker(new HttpCircuitBreakerStrategyOptions
        {
            FailureRatio = 0.9,
            MinimumThroughput = 5,
            SamplingDuration = TimeSpan.FromSeconds(10),
            BreakDuration = TimeSpan.FromSeconds(1),
            ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Exception is HttpRequestException or TimeoutRejectedException),
        })
        .AddRetry(new HttpRetryStrategyOptions
        {
            MaxRetryAttempts = 2,
            Delay = FirstDelay,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldHandle = arguments => ValueTask.FromResult(IsSafe(arguments) && IsOutage(arguments.Outcome)),
        })
        .AddTimeout(TimeSpan.FromSeconds(options.QueryTimeoutSeconds));

    private static bool IsOutage(Outcome<HttpResponseMessage> outcome) =>
        outcome.Exception is HttpRequestException
        || outcome.Result?.StatusCode is HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;

    private static bool IsSafe(RetryPredicateArguments<HttpResponseMessage> arguments) =>
        arguments.Context.GetRequestMessage() is { } request && request.Options.TryGetValue(InfluxDbClient.IsSafe, out var isSafe) && isSafe;
}
