using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Measurements;

/// <summary>A server on which few answers may stream at a time.</summary>
public sealed class StreamServerFixture : IAsyncLifetime
{
    public const int MaxStreams = 3;

    internal IotServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await IotServer.StartAsync(new() { Settings = new Dictionary<string, string> { ["Overload:MaxStreams"] = "3" } });

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
