namespace IotBackend.Api.SystemStatus;

/// <summary>Whether requests may come: from the end of the start to the first sign of the end.</summary>
public sealed class Readiness
{
    private volatile bool _isReady;

    public Readiness(IHostApplicationLifetime lifetime, TimeProvider time)
    {
        StartedAt = time.GetTimestamp();
        lifetime.ApplicationStarted.Register(() => _isReady = true);
        lifetime.ApplicationStopping.Register(TurnOff);
    }

    public bool IsReady => _isReady;

    public void TurnOff() => _isReady = false;

    /// <summary>A timestamp of the <see cref="TimeProvider"/>, not a time of day.</summary>
    public long StartedAt { get; }
}
