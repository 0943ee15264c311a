using Microsoft.Extensions.Options;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>Bytes of all buckets that wait in memory for InfluxDB, and their bound.</summary>
internal sealed class WaitingBytes(IOptions<InfluxDbOptions> options)
{
    private readonly long _most = options.Value.MaxWaitingBytes;
    private long _waiting;

    /// <summary>False when it would be too many; something is taken however large, as long as little else waits.</summary>
    public bool TryAdd(int bytes)
    {
        if (Interlocked.Read(ref _waiting) > _most)
            return false;
        Interlocked.Add(ref _waiting, bytes);
        return true;
    }

    public void Remove(int bytes) => Interlocked.Add(ref _waiting, -bytes);
}
