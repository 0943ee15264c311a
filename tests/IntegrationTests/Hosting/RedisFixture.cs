using IotBackend.IntegrationTests.Hosting;
using Xunit;

[assembly: AssemblyFixture(typeof(RedisFixture))]

namespace IotBackend.IntegrationTests.Hosting;

/// <summary>One Redis for all tests that do not disturb it, started by the first that asks; each takes a key prefix of its own.</summary>
public sealed class RedisFixture : IAsyncDisposable
{
    private readonly Lazy<Task<RedisServer>> _server = new(RedisServer.StartAsync);
    private int _prefixes;

    /// <summary>Skips the test where Redis is not installed, but fails it on a build server.</summary>
    internal Task<RedisServer> ServerAsync() => _server.Value;

    /// <summary>Begins the names of one test's keys and channels.</summary>
    internal string NewPrefix() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"test{Interlocked.Increment(ref _prefixes)}:");

    public async ValueTask DisposeAsync()
    {
        if (_server is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
            await (await _server.Value).DisposeAsync();
    }
}
