namespace IotBackend.Api.Measurements;

/// <summary>How a stream ends other than by its reader: with a reason that the reader is told.</summary>
internal sealed class StreamEnd : IDisposable
{
    public const string ServerStops = "server_stops";

    private readonly CancellationTokenSource _ended;
    private readonly CancellationTokenRegistration _stopping;
    private string? _reason;

    /// <param name="gone">The reader has gone.</param>
    /// <param name="stopping">The program ends.</param>
    public StreamEnd(CancellationToken gone, CancellationToken stopping)
    {
        _ended = CancellationTokenSource.CreateLinkedTokenSource(gone);
        _stopping = stopping.Register(() => Because(ServerStops));
    }

    public CancellationToken Token => _ended.Token;

    /// <summary>Null while there is none, and when the reader has gone.</summary>
    public string? Reason => Volatile.Read(ref _reason);

    /// <summary>Ends the stream, unless there is no reason.</summary>
    public void Because(string? reason)
    {
        if (reason is null || Interlocked.CompareExchange(ref _reason, reason, null) is not null)
            return;
        try
        {
            // Elsewhere, because what was ended goes on where this is called, and that is everybody's place.
            _ = _ended.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It has ended meanwhile.
        }
    }

    /// <summary>Whatever still waits for the stream ends as well.</summary>
    public void Dispose()
    {
        _stopping.Dispose();
        _ended.Cancel();
        _ended.Dispose();
    }
}
