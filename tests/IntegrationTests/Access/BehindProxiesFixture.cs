using Xunit;

namespace IotBackend.IntegrationTests.Access;

/// <summary>A server that trusts some proxies, among them all on this machine.</summary>
public sealed class BehindProxiesFixture : IAsyncLifetime
{
    internal const string Trusted = "--Proxies:Trusted=127.0.0.1, 10.0.0.0/8,2001:db8:ffff::/48";

    internal AccessServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await AccessServer.StartAsync(null, Trusted);

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
