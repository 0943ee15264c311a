using Xunit;

namespace IotBackend.IntegrationTests.Hosting;

/// <summary>One server for all tests of a class that do not disturb each other.</summary>
public sealed class IotServerFixture : IAsyncLifetime
{
    internal IotServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await IotServer.StartAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
