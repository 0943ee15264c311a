using IotBackend.Application.ApiKeys;
using IotBackend.Application.Nodes;
using IotBackend.Domain.ApiKeys;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace IotBackend.IntegrationTests.Redis;

/// <summary>Two nodes of the whole program with one key store, which they would look at only now and then, and one Redis.</summary>
internal sealed class AccessNodes : IAsyncDisposable
{
    private readonly TemporaryFolder _keys = new();

    public AccessServer Here { get; private set; } = null!;

    public AccessServer There { get; private set; } = null!;

    public static async Task<AccessNodes> StartAsync(string redis, string prefix, params string[] settings)
    {
        var nodes = new AccessNodes();
        string[] all =
        [
            $"--Redis:Configuration={redis}", $"--Redis:KeyPrefix={prefix}", $"--KeyStore:ConnectionString=Data Source={nodes._keys.Combine("keys.db")}",
            "--KeyStore:CacheSeconds=3600", "--Blocks:RefreshSeconds=300", .. settings,
        ];
        nodes.Here = await AccessServer.StartAsync(null, all);
        nodes.There = await AccessServer.StartAsync(null, all);
        await nodes.ConnectedAsync();
        return nodes;
    }

    public async Task ConnectedAsync()
    {
        foreach (var node in new[] { Here, There })
        {
            await Eventually.TrueAsync(
                () => node.Services.GetRequiredService<INodeMessages>().IsConnected, "messages of other nodes arrive");
        }
    }

    public async Task<ApiKey> KeyAsync(string token) =>
        (await Here.Services.GetRequiredService<IApiKeyStore>().FindAsync(token.Substring(4, ApiKeyToken.IdLength), CancellationToken.None))!;

    public async ValueTask DisposeAsync()
    {
        await There.DisposeAsync();
        await Here.DisposeAsync();
        _keys.Dispose();
    }
}
