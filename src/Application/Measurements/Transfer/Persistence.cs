using IotBackend.Domain.Results;

namespace IotBackend.Application.Measurements.Transfer;

/// <summary>Tries again, ever more seldom, while a store says that its failure will pass; gives up when for a while nothing has come of it.</summary>
/// <param name="time">The clock.</param>
/// <param name="patience">How long a store may go on failing.</param>
/// <param name="progress">Tells whether something has come of it, and is told what is waited for.</param>
internal sealed class Persistence(TimeProvider time, TimeSpan patience, TransferProgress progress)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    /// <summary>The first success, or the failure that does not pass.</summary>
    public async ValueTask<Result<T>> TryAsync<T>(Func<ValueTask<Result<T>>> work, CancellationToken cancellationToken)
    {
        var (failingSince, done, pause) = ((long?)null, progress.Measurements, FirstPause);
        while (true)
        {
            var result = await work();
            if (result.Error is not { Kind: ErrorKind.Unavailable or ErrorKind.Timeout } error)
                return Done(result);
            if (failingSince is null || progress.Measurements > done)
                (failingSince, done, pause) = (time.GetTimestamp(), progress.Measurements, FirstPause);
            if (time.GetElapsedTime(failingSince.Value) >= patience)
                return Done(result);
            progress.WaitingFor = error.Message;
            await Task.Delay(pause, time, cancellationToken);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private Result<T> Done<T>(Result<T> result)
    {
        progress.WaitingFor = null;
        return result;
    }
}
