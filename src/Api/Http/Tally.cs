namespace IotBackend.Api.Http;

/// <summary>Counts what may happen too often to be told each time.</summary>
internal sealed class Tally(TimeProvider time, TimeSpan interval)
{
    private readonly Lock _lock = new();
    private long? _toldAt;
    private long _untold;

    /// <summary>Counts one more.</summary>
    /// <returns>How many there were since it was last told, when it is time to tell; else null.</returns>
    public long? CountToTell()
    {
        lock (_lock)
        {
            _untold++;
            if (_toldAt is { } last && time.GetElapsedTime(last) < interval)
                return null;
            var count = _untold;
            (_toldAt, _untold) = (time.GetTimestamp(), 0);
            return count;
        }
    }
}
