namespace IotBackend.IntegrationTests.Hosting;

/// <summary>How a server of a test differs from one that a newcomer starts.</summary>
internal sealed record IotServerOptions
{
    /// <summary>The data folder, which then stays; null for one that goes with the server.</summary>
    public string? DataPath { get; init; }

    /// <summary>Settings as on the command line, such as <c>RateLimits:Enabled</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
