using IotBackend.IntegrationTests.Hosting;
using Xunit;

[assembly: AssemblyFixture(typeof(PostgreSqlFixture))]

namespace IotBackend.IntegrationTests.Hosting;

/// <summary>One PostgreSQL for all tests that do not disturb it, started by the first that asks; each takes a database of its own.</summary>
public sealed class PostgreSqlFixture : IAsyncDisposable
{
    private readonly Lazy<Task<PostgreSqlServer>> _server = new(PostgreSqlServer.StartAsync);

    /// <summary>Skips the test where PostgreSQL is not installed, but fails it on a build server.</summary>
    internal Task<PostgreSqlServer> ServerAsync() => _server.Value;

    public async ValueTask DisposeAsync()
    {
        if (_server is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
            await (await _server.Value).DisposeAsync();
    }
}
