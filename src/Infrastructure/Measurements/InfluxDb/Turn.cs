namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>Lets one at a time run its work; the others wait in line without a thread.</summary>
#pragma warning disable CA1001 // A semaphore holds nothing to be disposed while nobody asks for its wait handle.
internal sealed class Turn
#pragma warning restore CA1001
{
    private readonly SemaphoreSlim _semaphore = new(1);

    public async Task<T> RunAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        await _semaphore.WaitAsync(cancellationToken);
        try
        {
            return await work();
        }
        finally
        {
            _semaphore.Release();
        }
    }
}
