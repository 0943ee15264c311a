using Microsoft.Extensions.Options;

namespace IotBackend.Api.Http;

/// <summary>The bytes that bodies take in memory, of all requests together.</summary>
internal sealed class BodyBudget(IOptions<OverloadOptions> options)
{
    private readonly long _limit = options.Value.MaxBodyBytes;
    private long _taken;

    public long Taken => Volatile.Read(ref _taken);

    /// <summary>Takes the bytes, or nothing when they are more than what is left.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= _limit)
            return true;
        GiveBack(bytes);
        return false;
    }

    public void GiveBack(long bytes) => Interlocked.Add(ref _taken, -bytes);
}
