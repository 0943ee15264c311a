using System.ComponentModel.DataAnnotations;
using IotBackend.Application.Measurements.Idempotency;

namespace IotBackend.Api.Measurements;

/// <summary>Section <c>Idempotency</c>: how long an <c>Idempotency-Key</c> is remembered.</summary>
public sealed class IdempotencyOptions
{
    public const string Section = "Idempotency";

    private const long BytesPerMegabyte = 1 << 20;

    /// <summary>Hours that a retry gets the first answer.</summary>
    [Range(0.01, 720d)]
    public double RetentionHours { get; set; } = 24;

    /// <summary>The most that are remembered of one API key; the oldest go first, once a minute.</summary>
    [Range(1, 100_000_000)]
    public int MostPerKey { get; set; } = 100_000;

    /// <summary>The most megabytes of answers that are kept of one API key; the oldest go first, once a minute.</summary>
    [Range(1, 1_048_576)]
    public int MostMegabytesPerKey { get; set; } = 64;

    /// <summary>Seconds after which a request that has not ended counts as dead, and a retry goes on in its place.</summary>
    [Range(1, 3_600)]
    public int AttemptSeconds { get; set; } = 60;

    internal IdempotencyRules ToRules() => new(TimeSpan.FromHours(RetentionHours), MostPerKey, MostMegabytesPerKey * BytesPerMegabyte, TimeSpan.FromSeconds(AttemptSeconds));
}
