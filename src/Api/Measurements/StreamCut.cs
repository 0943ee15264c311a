namespace IotBackend.Api.Measurements;

/// <summary>Cuts the connection of an answer, unless that has ended: the connection may serve another request by then.</summary>
internal sealed class StreamCut(HttpContext context) : IDisposable
{
    private readonly Lock _lock = new();
    private bool _isOver;

    /// <summary>Why the answer was cut off; null when it was not.</summary>
    public string? Reason { get; private set; }

    public void Because(string reason)
    {
        lock (_lock)
        {
            if (_isOver)
                return;
            (Reason, _isOver) = (reason, true);
            context.Abort();
        }
    }

    public void Dispose()
    {
        lock (_lock)
            _isOver = true;
    }
}
