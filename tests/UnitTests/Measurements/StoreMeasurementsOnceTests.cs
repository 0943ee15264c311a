using IotBackend.Application.ApiKeys;
using IotBackend.Application.Measurements;
using IotBackend.Application.Measurements.Idempotency;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using IotBackend.UnitTests.Buckets;
using IotBackend.UnitTests.Domain.Measurements;
using MediatR;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using NSubstitute.ExceptionExtensions;
using Xunit;

namespace IotBackend.UnitTests.Measurements;

/// <summary>What becomes of a request with an idempotency key, by what is known of it and by what the store says.</summary>
public sealed class StoreMeasurementsOnceTests : IDisposable
{
    private const long Now = 1_764_000_000_000_000_000;
    private const long Earlier = Now - 5_000_000_000;

    private static readonly KeptAnswer Answer = new(201, new byte[] { 1, 2, 3 });
    private static readonly StoredMeasurements Stored = new(WriteOutcome.Stored, 1, 0);

    private readonly IIdempotencyStore _records = Substitute.For<IIdempotencyStore>();
    private readonly IRequestHandler<StoreMeasurements, Result<StoredMeasurements>> _store = Substitute.For<IRequestHandler<StoreMeasurements, Result<StoredMeasurements>>>();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(Now / 1_000_000));
    private readonly MeasurementBatch _batch = new(new Timestamp(Now));

    public StoreMeasurementsOnceTests()
    {
        var writer = new MeasurementBatchWriter(_batch);
        writer.Begin();
        writer.Device("d").Number("x", 1);
        writer.End();
        _store.Handle(default!, Cancel).ReturnsForAnyArgs(Result<StoredMeasurements>.Success(Stored));
        Know(IdempotencyOutcome.Begun);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _batch.Dispose();

    [Fact]
    public async Task First_attempt_is_recorded_before_it_is_stored_and_completed_before_it_is_answered()
    {
        var answer = (await SendAsync()).Value;

        Assert.False(answer.IsReplay);
        Received.InOrder(() =>
        {
            _records.BeginAsync(Arg.Any<IdempotencyId>(), Arg.Any<IdempotencyAttempt>(), CancellationToken.None);
            _store.Handle(Arg.Any<StoreMeasurements>(), Cancel);
            _records.CompleteAsync(Arg.Any<IdempotencyId>(), Arg.Any<IdempotencyAttempt>(), Answer, CancellationToken.None);
        });
        var attempt = AttemptThatBegan();
        Assert.Equal(_batch.Rows[0].Timestamp, attempt.ReceivedAt);
        Assert.InRange(attempt.ReceivedAt.Nanoseconds, Now, Now + 10);
        Assert.Equal((TimeSpan.FromSeconds(60), TimeSpan.FromHours(24)), (attempt.Until - attempt.Now, attempt.Now - attempt.ExpiredBefore));
    }

    [Fact]
    public async Task Answered_request_is_answered_alike_and_not_stored()
    {
        Know(IdempotencyOutcome.Answered, Earlier, Answer);

        Assert.Equal(Answer with { IsReplay = true }, (await SendAsync()).Value);
        await NothingIsStoredAsync();
    }

    [Theory]
    [InlineData(IdempotencyOutcome.InProgress, ErrorKind.Conflict, ErrorCodes.Conflict)]
    [InlineData(IdempotencyOutcome.Reused, ErrorKind.Unprocessable, ErrorCodes.IdempotencyKeyReused)]
    public async Task Request_that_can_not_go_on_is_refused_and_not_stored(IdempotencyOutcome outcome, ErrorKind kind, string code)
    {
        Know(outcome);
        var error = (await SendAsync()).Error!;
        Assert.Equal((kind, code), (error.Kind, error.Code));
        await NothingIsStoredAsync();
    }

    [Fact]
    public async Task Resumed_request_is_stored_with_the_first_time_of_receipt()
    {
        Know(IdempotencyOutcome.Resumed, Earlier);
        long stored = 0;
        _store.WhenForAnyArgs(store => store.Handle(default!, Cancel)).Do(_ => stored = _batch.Rows[0].Timestamp.Nanoseconds);

        Assert.True((await SendAsync()).IsSuccess);
        Assert.Equal(Earlier, stored);
        await _records.ReceivedWithAnyArgs(1).CompleteAsync(default!, default!, default!, Cancel);
    }

    [Theory]
    [InlineData(ErrorKind.Unavailable, IdempotencyOutcome.Begun, false)]
    [InlineData(ErrorKind.Timeout, IdempotencyOutcome.Begun, false)]
    [InlineData(ErrorKind.Internal, IdempotencyOutcome.Begun, false)]
    [InlineData(ErrorKind.Invalid, IdempotencyOutcome.Begun, true)]
    [InlineData(ErrorKind.NotFound, IdempotencyOutcome.Begun, true)]
    [InlineData(ErrorKind.Forbidden, IdempotencyOutcome.Begun, true)]
    [InlineData(ErrorKind.Invalid, IdempotencyOutcome.Resumed, false)]
    [InlineData(ErrorKind.Unavailable, IdempotencyOutcome.Resumed, false)]
    public async Task Refusal_frees_the_key_unless_something_may_be_stored(ErrorKind kind, IdempotencyOutcome outcome, bool isForgotten)
    {
        Know(outcome, Earlier);
        var error = new Error(kind, "code", "It is so.");
        _store.Handle(default!, Cancel).ReturnsForAnyArgs(Result<StoredMeasurements>.Failure(error));

        Assert.Equal(error, (await SendAsync()).Error);
        await _records.ReceivedWithAnyArgs(isForgotten ? 1 : 0).ForgetAsync(default!, default!, Cancel);
        await _records.ReceivedWithAnyArgs(isForgotten ? 0 : 1).ReleaseAsync(default!, default!, Cancel);
        await _records.DidNotReceiveWithAnyArgs().CompleteAsync(default!, default!, default!, Cancel);
    }

    [Fact]
    public async Task Request_that_throws_can_be_tried_again_at_once()
    {
        _store.Handle(default!, Cancel).ThrowsAsyncForAnyArgs(new OperationCanceledException());
        await Assert.ThrowsAsync<OperationCanceledException>(SendAsync);
        await _records.Received(1).ReleaseAsync(Arg.Any<IdempotencyId>(), Arg.Any<IdempotencyAttempt>(), CancellationToken.None);
    }

    [Fact]
    public async Task Without_a_record_nothing_is_stored()
    {
        _records.BeginAsync(default!, default!, Cancel).ThrowsAsyncForAnyArgs(new KeyStoreUnavailableException("down", null));
        var error = (await SendAsync()).Error!;
        Assert.Equal((ErrorKind.Unavailable, ErrorCodes.KeyStoreUnavailable), (error.Kind, error.Code));
        Assert.True(error.RetryAfter > TimeSpan.Zero);
        await NothingIsStoredAsync();
    }

    [Fact]
    public async Task What_is_stored_is_acknowledged_even_when_the_answer_can_not_be_recorded()
    {
        _records.CompleteAsync(default!, default!, default!, Cancel).ThrowsAsyncForAnyArgs(new KeyStoreUnavailableException("down", null));
        Assert.Equal(Answer, (await SendAsync()).Value);
    }

    private async Task NothingIsStoredAsync() => await _store.DidNotReceiveWithAnyArgs().Handle(default!, Cancel);

    private void Know(IdempotencyOutcome outcome, long receivedAt = Now, KeptAnswer? answer = null) =>
        _records.BeginAsync(default!, default!, Cancel).ReturnsForAnyArgs(new IdempotencyState(outcome, new Timestamp(receivedAt), answer));

    private IdempotencyAttempt AttemptThatBegan() =>
        (IdempotencyAttempt)_records.ReceivedCalls().Single(call => call.GetMethodInfo().Name == nameof(_records.BeginAsync)).GetArguments()[1]!;

    private Task<Result<KeptAnswer>> SendAsync() => new StoreMeasurementsOnceHandler(
            _records, _store, new IdempotencyRules(TimeSpan.FromHours(24), 10, 1_000, TimeSpan.FromSeconds(60)), TestBuckets.Context(), _time,
            NullLogger<StoreMeasurementsOnceHandler>.Instance)
        .Handle(new StoreMeasurementsOnce(new StoreMeasurements(null, _batch), "measurement", "key", new byte[32], _ => Answer), Cancel);
}
