namespace IotBackend.Application.Caching;

/// <summary>The wish that the most asked queries be asked again soon, in the background; several wishes are one.</summary>
public sealed class CacheWarming : IDisposable
{
    private readonly SemaphoreSlim _asked = new(0, 1);

    public void Ask()
    {
        try
        {
            _asked.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is wished for already.
        }
    }

    /// <summary>Waits for the next wish.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _asked.WaitAsync(cancellationToken);

    public void Dispose() => _asked.Dispose();
}
