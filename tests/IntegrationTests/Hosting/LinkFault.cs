namespace IotBackend.IntegrationTests.Hosting;

/// <summary>What is wrong with one direction of the connections through a <see cref="FaultProxy"/>.</summary>
internal sealed record LinkFault
{
    public static LinkFault None { get; } = new();

    /// <summary>What comes is lost, and nobody is told.</summary>
    public static LinkFault BlackHole { get; } = new() { IsBlackHole = true };

    /// <summary>How long what comes is held before it goes on.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>The most bytes a second of each connection; null for as many as come.</summary>
    public int? BytesPerSecond { get; init; }

    /// <summary>Bytes of each connection, from now on, after which it is reset; null for never.</summary>
    public long? CutAfter { get; init; }

    /// <summary>Bytes of each connection, from now on, after which it ends as if all had been said; null for never.</summary>
    public long? EndAfter { get; init; }

    public bool IsBlackHole { get; init; }
}
