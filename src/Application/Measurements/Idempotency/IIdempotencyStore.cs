using IotBackend.Application.ApiKeys;
using IotBackend.Domain.Measurements;

namespace IotBackend.Application.Measurements.Idempotency;

/// <summary>Remembers which requests with an idempotency key were begun, and how they were answered; for all nodes, and across restarts.</summary>
public interface IIdempotencyStore
{
    /// <summary>
    /// Records durably that a request is begun. Of many attempts at once one is told <see cref="IdempotencyOutcome.Begun"/> or
    /// <see cref="IdempotencyOutcome.Resumed"/>.
    /// </summary>
    /// <exception cref="KeyStoreUnavailableException">It can not be recorded now.</exception>
    Task<IdempotencyState> BeginAsync(IdempotencyId id, IdempotencyAttempt attempt, CancellationToken cancellationToken);

    /// <summary>Records the answer, unless another attempt has taken over since.</summary>
    /// <exception cref="KeyStoreUnavailableException">It can not be recorded now.</exception>
    Task CompleteAsync(IdempotencyId id, IdempotencyAttempt attempt, KeptAnswer answer, CancellationToken cancellationToken);

    /// <summary>Ends the attempt without an answer: the next one need not wait, and gets the same time of receipt.</summary>
    /// <exception cref="KeyStoreUnavailableException">It can not be recorded now; the attempt ends by itself.</exception>
    Task ReleaseAsync(IdempotencyId id, IdempotencyAttempt attempt, CancellationToken cancellationToken);

    /// <summary>Forgets the request, of which nothing was stored: its key is free again.</summary>
    /// <exception cref="KeyStoreUnavailableException">It can not be forgotten now; the attempt ends by itself.</exception>
    Task ForgetAsync(IdempotencyId id, IdempotencyAttempt attempt, CancellationToken cancellationToken);

    /// <summary>Removes some of the records from before the time, the oldest first, about so many; returns how many.</summary>
    /// <exception cref="KeyStoreUnavailableException">They can not be removed now.</exception>
    Task<int> RemoveAsync(DateTimeOffset before, int some, CancellationToken cancellationToken);

    /// <summary>Removes some of the oldest records of each API key that has more, or whose answers take more bytes, than it may have, about so many; returns how many.</summary>
    /// <exception cref="KeyStoreUnavailableException">They can not be removed now.</exception>
    Task<int> RemoveBeyondAsync(int mostOfAKey, long mostBytesOfAKey, int some, CancellationToken cancellationToken);
}

/// <param name="Token">Tells this attempt from all others; 32 characters.</param>
/// <param name="Fingerprint">SHA-256 of the request's content; equal for requests that ask for the same.</param>
/// <param name="ReceivedAt">The time of receipt, if it is the first attempt.</param>
/// <param name="Now">When it is begun.</param>
/// <param name="Until">From then on it counts as dead if it has not ended.</param>
/// <param name="ExpiredBefore">Records from before that time count no more.</param>
public sealed record IdempotencyAttempt(
    string Token, ReadOnlyMemory<byte> Fingerprint, Timestamp ReceivedAt, DateTimeOffset Now, DateTimeOffset Until, DateTimeOffset ExpiredBefore);

/// <param name="Outcome">What to do.</param>
/// <param name="ReceivedAt">The time of receipt of the first attempt.</param>
/// <param name="Answer">That of <see cref="IdempotencyOutcome.Answered"/>.</param>
public sealed record IdempotencyState(IdempotencyOutcome Outcome, Timestamp ReceivedAt, KeptAnswer? Answer);

public enum IdempotencyOutcome
{
    /// <summary>It is the first: go on.</summary>
    Begun,

    /// <summary>An earlier attempt ended without an answer, and may have stored all the same: go on, with its time of receipt.</summary>
    Resumed,

    /// <summary>Another attempt goes on.</summary>
    InProgress,

    /// <summary>The key stands for a request with other content.</summary>
    Reused,

    /// <summary>It was answered.</summary>
    Answered,
}
