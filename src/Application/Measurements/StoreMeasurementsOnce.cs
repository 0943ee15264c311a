using IotBackend.Application.Access;
using IotBackend.Application.ApiKeys;
using IotBackend.Application.Measurements.Idempotency;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;
using MediatR;
using Microsoft.Extensions.Logging;

namespace IotBackend.Application.Measurements;

/// <summary>
/// Stores measurements as <see cref="StoreMeasurements"/> does, once an idempotency key: a retry gets the first answer, and what it may have to store
/// again gets the first attempt's time of receipt, so that nothing is doubled. A request type of its own, so that those without a key pay nothing.
/// </summary>
/// <param name="Store">What is to be stored.</param>
/// <param name="Operation">What the idempotency key is good for beside the API key: an endpoint with its parameters.</param>
/// <param name="IdempotencyKey">As the caller chose it.</param>
/// <param name="Fingerprint">SHA-256 of the content.</param>
/// <param name="Describe">Makes the answer, after the store has taken the batch.</param>
public sealed record StoreMeasurementsOnce(
    StoreMeasurements Store, string Operation, string IdempotencyKey, ReadOnlyMemory<byte> Fingerprint, Func<StoredMeasurements, KeptAnswer> Describe)
    : ICommand<KeptAnswer>, IRateLimited, IRequiresAccess, IParsedRequest
{
    public RequestCost Cost => Store.Cost;

    public Scopes RequiredScope => Store.RequiredScope;

    public Error? ParseError => Store.ParseError;

    public Error? AuthorizeObjects(Caller caller) => Store.AuthorizeObjects(caller);
}

internal sealed partial class StoreMeasurementsOnceHandler(
    IIdempotencyStore records,
    IRequestHandler<StoreMeasurements, Result<StoredMeasurements>> store,
    IdempotencyRules rules,
    ICallerContext context,
    TimeProvider time,
    ILogger<StoreMeasurementsOnceHandler> logger) : IRequestHandler<StoreMeasurementsOnce, Result<KeptAnswer>>
{
    private static readonly Error Reused =
        new(ErrorKind.Unprocessable, ErrorCodes.IdempotencyKeyReused, "The Idempotency-Key was used for another body. Take a new key for each request.");

    private static readonly Error InProgress =
        new(ErrorKind.Conflict, ErrorCodes.Conflict, "A request with this Idempotency-Key is in progress.") { RetryAfter = TimeSpan.FromSeconds(1) };

    private static readonly Error Unavailable =
        new(ErrorKind.Unavailable, ErrorCodes.KeyStoreUnavailable, "The Idempotency-Key can not be recorded now, and without it nothing is stored.")
        {
            RetryAfter = TimeSpan.FromSeconds(5),
        };

    public async Task<Result<KeptAnswer>> Handle(StoreMeasurementsOnce request, CancellationToken cancellationToken)
    {
        var batch = request.Store.Batch;
        batch.StampTogether();
        var id = IdempotencyId.Of(context.Caller!.KeyId, request.Operation, request.IdempotencyKey);
        var now = time.GetUtcNow();
        var attempt = new IdempotencyAttempt(
            Guid.NewGuid().ToString("N"), request.Fingerprint, batch.ReceivedAt, now, now + rules.AttemptDuration, now - rules.Retention);
        try
        {
            // Before anything is stored: what a crash cuts off is found by the retry, with its time of receipt. To the end also for a client that
            // has gone, so that no record is left of which nobody knows.
            var state = await records.BeginAsync(id, attempt, CancellationToken.None);
            return await GoOnAsync(request, state, new Attempt(id, attempt, state.Outcome == IdempotencyOutcome.Resumed), cancellationToken);
        }
        catch (KeyStoreUnavailableException)
        {
            return Unavailable;
        }
    }

    private async Task<Result<KeptAnswer>> GoOnAsync(StoreMeasurementsOnce request, IdempotencyState state, Attempt attempt, CancellationToken cancellationToken)
    {
        switch (state.Outcome)
        {
            case IdempotencyOutcome.Answered:
                return state.Answer! with { IsReplay = true };
            case IdempotencyOutcome.Reused:
                return Reused;
            case IdempotencyOutcome.InProgress:
                return InProgress;
            case IdempotencyOutcome.Resumed:
                request.Store.Batch.StampFrom(state.ReceivedAt);
                break;
        }

        return await StoreAsync(request, attempt, cancellationToken);
    }

    private async Task<Result<KeptAnswer>> StoreAsync(StoreMeasurementsOnce request, Attempt attempt, CancellationToken cancellationToken)
    {
        Result<StoredMeasurements> stored;
        try
        {
            stored = await store.Handle(request.Store, cancellationToken);
        }
        catch
        {
            // Perhaps the client has gone and asks again at once; what it asked for may be stored by then.
            await EndAsync(attempt, records.ReleaseAsync);
            throw;
        }

        if (stored.Error is { } error)
        {
            await EndAsync(attempt, IsPassing(error) || attempt.IsResumed ? records.ReleaseAsync : records.ForgetAsync);
            return error;
        }

        var answer = request.Describe(stored.Value);
        await EndAsync(attempt, (id, token, cancelled) => records.CompleteAsync(id, token, answer, cancelled));
        return answer;
    }

    // A fault that passes says nothing about whether something was stored; every other one says that nothing was.
    private static bool IsPassing(Error error) => error.Kind is ErrorKind.Unavailable or ErrorKind.Timeout or ErrorKind.Internal;

    // Also for a client that has gone. Whatever fails here changes nothing of what is stored: the attempt ends by itself, and a retry stores the same again.
    private async Task EndAsync(Attempt attempt, Func<IdempotencyId, IdempotencyAttempt, CancellationToken, Task> end)
    {
        try
        {
            await end(attempt.Id, attempt.Recorded, CancellationToken.None);
        }
#pragma warning disable CA1031 // See above.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.NotRecorded(logger, exception, attempt.Id.KeyId);
        }
    }

    /// <param name="Id">Of the record.</param>
    /// <param name="Recorded">As it was recorded.</param>
    /// <param name="IsResumed">Whether an earlier one may have stored something.</param>
    private readonly record struct Attempt(IdempotencyId Id, IdempotencyAttempt Recorded, bool IsResumed);

    private static partial class Log
    {
        [LoggerMessage(96, LogLevel.Warning, "The outcome of a request with an Idempotency-Key of the key {KeyId} could not be recorded; a retry stores the same again")]
        public static partial void NotRecorded(ILogger logger, Exception exception, string keyId);
    }
}
