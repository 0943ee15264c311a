using System.Globalization;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;

namespace IotBackend.Application.Access.RateLimits;

/// <summary>What the rate limiter says about a request, and how the key stands afterwards.</summary>
/// <param name="Tier">The tier by which it was decided; it has limits.</param>
/// <param name="Outcome">Whether the request may go on.</param>
/// <param name="At">The moment of the decision, in Unix milliseconds.</param>
/// <param name="Requests">How its requests stand; says nothing when the tier does not limit them.</param>
/// <param name="Measurements">The same of its measurements.</param>
public sealed record RateLimitDecision(Tier Tier, RateLimitOutcome Outcome, long At, PolicyState Requests, PolicyState Measurements)
{
    /// <summary>True when the limit of measurements is the one that a caller meets first, or has met.</summary>
    public bool IsMeasurementsTighter
    {
        get
        {
            if (Tier is not { Requests: { } requests, Measurements: { } measurements })
                return Tier.Measurements is not null;
            return Requests.Wait != Measurements.Wait
                ? Measurements.Wait > Requests.Wait
                : Measurements.Remaining * requests < Requests.Remaining * measurements;
        }
    }

    /// <summary>Null when the request may go on.</summary>
    public Error? ToError() => Outcome switch
    {
        RateLimitOutcome.Exceeded => Exceeded(),
        RateLimitOutcome.TooLarge => TooLarge(),
        _ => null,
    };

    /// <summary>The name of a tier's limit, as headers and errors have it: <c>standard-requests</c>.</summary>
    public static string PolicyName(Tier tier, bool isMeasurements) => tier.Name + (isMeasurements ? "-measurements" : "-requests");

    private Error Exceeded()
    {
        var isMeasurements = IsMeasurementsTighter;
        var what = isMeasurements ? "measurements" : "requests";
        var state = isMeasurements ? Measurements : Requests;
        var limit = (isMeasurements ? Tier.Measurements : Tier.Requests) ?? 0;
        var wait = TimeSpan.FromMilliseconds(state.Wait);
        var message = string.Create(
            CultureInfo.InvariantCulture,
            $"{state.Used} {what} in {Tier.WindowSeconds} s are used; the tier '{Tier.Name}' allows {limit}. Retry in {Math.Ceiling(wait.TotalSeconds)} s.");
        return new Error(ErrorKind.RateLimited, ErrorCodes.RateLimitExceeded, message)
        {
            RetryAfter = wait,
            Details = new Dictionary<string, object>
            {
                ["policy"] = PolicyName(Tier, isMeasurements),
                ["limit"] = limit,
                ["used"] = state.Used,
                ["windowSeconds"] = Tier.WindowSeconds,
            },
        };
    }

    private Error TooLarge()
    {
        var most = (Tier.Measurements ?? 0) + Tier.Burst;
        var message = string.Create(
            CultureInfo.InvariantCulture, $"The tier '{Tier.Name}' never allows more than {most} measurements at once: send the batch in parts.");
        return new Error(ErrorKind.TooLarge, ErrorCodes.BatchTooLarge, message)
        {
            Details = new Dictionary<string, object> { ["policy"] = PolicyName(Tier, isMeasurements: true), ["limit"] = most },
        };
    }
}

/// <summary>The numbers are part of what nodes share.</summary>
public enum RateLimitOutcome
{
    Granted,

    /// <summary>Not now.</summary>
    Exceeded,

    /// <summary>Never: the batch is larger than what the tier allows at once.</summary>
    TooLarge,
}

/// <summary>How a key stands with one limit.</summary>
/// <param name="Used">What is used of the window's quota.</param>
/// <param name="Remaining">What can be taken now: the rest of the quota, and what is saved.</param>
/// <param name="Wait">Milliseconds until the refused cost can be taken, if nobody takes anything meanwhile; 0 when it is not this limit that refuses.</param>
/// <param name="Reset">
/// Milliseconds: the wait of a refusal; else until the next one can be taken when nothing remains; else until nothing of the quota is used.
/// </param>
public readonly record struct PolicyState(long Used, long Remaining, long Wait, long Reset);
