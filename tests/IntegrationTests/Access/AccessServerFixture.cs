using Xunit;

namespace IotBackend.IntegrationTests.Access;

/// <summary>One server for all tests of a class that do not disturb each other.</summary>
public sealed class AccessServerFixture : IAsyncLifetime
{
    internal AccessServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await AccessServer.StartAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
