namespace IotBackend.Simulator.Sending;

/// <summary>How patient a device is.</summary>
internal sealed record RetryOptions
{
    /// <summary>The wait after the first failure, doubled after each further one.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest wait of our own; a server's Retry-After may ask for more.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The total time for one batch, waits included.</summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromMinutes(5);
}
