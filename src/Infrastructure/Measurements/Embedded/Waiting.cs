using IotBackend.Application.Measurements;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>Something that waits for its turn on the committer's thread.</summary>
/// <param name="points">How many points it brings.</param>
/// <param name="since">When it came, as <see cref="TimeProvider.GetTimestamp"/> tells it.</param>
internal abstract class Waiting(int points, long since)
{
    public int Points => points;

    public long Since => since;

    /// <summary>Answers that it will not be done.</summary>
    public abstract void Refuse(Error error);
}

/// <summary>A batch, to be committed together with those that wait beside it.</summary>
internal sealed class WaitingBatch(BucketCatalog bucket, MeasurementBatch batch, int points, long since) : Waiting(points, since)
{
    private readonly TaskCompletionSource<Result<WriteOutcome>> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public BucketCatalog Bucket => bucket;

    public MeasurementBatch Batch => batch;

    public Task<Result<WriteOutcome>> Task => _completion.Task;

    public void Answer(Result<WriteOutcome> result) => _completion.SetResult(result);

    public override void Refuse(Error error) => Answer(error);
}

/// <summary>Work that is done alone, whatever it is.</summary>
internal abstract class WaitingWork(long since) : Waiting(0, since)
{
    /// <summary>Does it; a failure is not answered yet.</summary>
    public abstract void Run();
}

/// <summary>Work that is done alone, and answered with what it gave.</summary>
internal sealed class WaitingWork<T>(Func<Result<T>> work, long since) : WaitingWork(since)
{
    private readonly TaskCompletionSource<Result<T>> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<Result<T>> Task => _completion.Task;

    public override void Run() => _completion.SetResult(work());

    public override void Refuse(Error error) => _completion.SetResult(error);
}
