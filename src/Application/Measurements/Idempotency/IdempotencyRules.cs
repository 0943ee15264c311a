namespace IotBackend.Application.Measurements.Idempotency;

/// <summary>How long idempotency keys are remembered.</summary>
/// <param name="Retention">How long a retry gets the first answer.</param>
/// <param name="MostOfAKey">The most that are remembered of one API key; beyond, the oldest go.</param>
/// <param name="MostBytesOfAKey">The most bytes of answers that are kept of one API key; beyond, the oldest go.</param>
/// <param name="AttemptDuration">After this time a request that has not ended counts as dead, with the node that it came to.</param>
public sealed record IdempotencyRules(TimeSpan Retention, int MostOfAKey, long MostBytesOfAKey, TimeSpan AttemptDuration);
