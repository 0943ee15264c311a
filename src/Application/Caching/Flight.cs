using IotBackend.Domain.Results;

namespace IotBackend.Application.Caching;

/// <summary>The making of an answer, for all who ask for the same meanwhile. It is given up when the last of them has gone.</summary>
internal sealed class Flight(DateTimeOffset startedAt) : IDisposable
{
    private readonly TaskCompletionSource<Result<ServedAnswer>> _landing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _abandoned = new();
    private readonly Lock _gate = new();
    private int _waiting;
    private bool _isOver;

    public DateTimeOffset StartedAt => startedAt;

    public CancellationToken Abandoned => _abandoned.Token;

    /// <summary>False when everybody who waited has gone, or the answer is there already.</summary>
    public bool TryJoin()
    {
        lock (_gate)
        {
            if (_isOver)
                return false;
            _waiting++;
            return true;
        }
    }

    /// <exception cref="OperationCanceledException">Who waited here has gone.</exception>
    public async Task<Result<ServedAnswer>> WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _landing.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            Leave();
        }
    }

    public void Land(Result<ServedAnswer> result)
    {
        Close();
        _landing.TrySetResult(result);
    }

    public void Crash(Exception exception)
    {
        Close();
        _landing.TrySetException(exception);

        // It may be that nobody waits any more.
        _ = _landing.Task.Exception;
    }

    /// <summary>After it has landed or crashed.</summary>
    public void Dispose()
    {
        lock (_gate)
            _abandoned.Dispose();
    }

    private void Close()
    {
        lock (_gate)
            _isOver = true;
    }

    private void Leave()
    {
        lock (_gate)
        {
            if (--_waiting > 0 || _isOver)
                return;
            _isOver = true;

            // Not after the lock, where it may be disposed already.
            _abandoned.Cancel();
        }
    }
}
