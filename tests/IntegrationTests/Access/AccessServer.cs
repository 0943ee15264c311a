using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using IotBackend.Api.Composition;
using IotBackend.Application.ApiKeys;
using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace IotBackend.IntegrationTests.Access;

/// <summary>
/// The whole program in this process, on a free port and a data folder of its own, with its log at hand and a door to its key store:
/// keys of any kind can be put there, as an administrator would by the API.
/// </summary>
internal sealed class AccessServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly List<HttpClient> _clients = [];
    private readonly bool _ownsFolder;

    private AccessServer(WebApplication app, string folder, bool ownsFolder) => (_app, Folder, _ownsFolder) = (app, folder, ownsFolder);

    public string Folder { get; }

    public IServiceProvider Services => _app.Services;

    public Uri Url => new(_app.Urls.Single());

    public string AdminKey => File.ReadAllText(Path.Combine(Folder, "admin.key")).Trim();

    /// <summary>Every line that was logged, with its exception.</summary>
    public ConcurrentQueue<string> LogLines { get; } = new();

    public static async Task<AccessServer> StartAsync(string? folder = null, params string[] settings)
    {
        var path = folder ?? Directory.CreateTempSubdirectory("iotbackend-access-").FullName;
        string[] arguments = [$"--Data:Path={path}", "--Urls=http://127.0.0.1:0", .. settings];
        var server = new AccessServer(IotBackendApp.Build(arguments), path, ownsFolder: folder is null);
        try
        {
            server.Services.GetRequiredService<ILoggerFactory>().AddProvider(new LineLoggerProvider(server.LogLines));
            await server._app.StartAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stores a key that may do all, except as changed, and gives it in the form that its holder presents.</summary>
    public async Task<string> AddKeyAsync(Func<ApiKey, ApiKey>? change = null)
    {
        var token = NewToken();
        Assert.True(ApiKeyToken.TryParse(token, out var id, out var secret));
        var key = new ApiKey
        {
            Id = id.ToString(),
            Name = "test",
            Scopes = Scopes.Admin,
            Tier = "unlimited",
            SecretHash = ApiKeyToken.HashSecret(secret),
            CreatedAt = TimeProvider.System.GetUtcNow(),
        };
        await Services.GetRequiredService<IApiKeyStore>().AddAsync(change?.Invoke(key) ?? key, CancellationToken.None);
        return token;
    }

    /// <summary>A client that presents the key; without one, nothing. The server disposes it.</summary>
    public HttpClient Client(string? key = null)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = Url };
        if (key is not null)
            client.DefaultRequestHeaders.Add("X-API-Key", key);
        _clients.Add(client);
        return client;
    }

    public async Task<HttpClient> ClientForAsync(Func<ApiKey, ApiKey> change) => Client(await AddKeyAsync(change));

    /// <summary>A client that calls from another address of this machine, such as 127.0.7.1. The server disposes it.</summary>
    public HttpClient ClientFrom(string address, string? key = null)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, ConnectCallback = (context, token) => ConnectFromAsync(address, context.DnsEndPoint.Port, token) };
        var client = new HttpClient(handler) { BaseAddress = Url };
        if (key is not null)
            client.DefaultRequestHeaders.Add("X-API-Key", key);
        _clients.Add(client);
        return client;
    }

    /// <summary>Takes away the tables that are asked while the program runs: from now on the key store fails to answer.</summary>
    public void BreakKeyStore() => Run(string.Concat(
        new[] { "api_keys", "audit", "blocks", "tiers", "usage", "leases", "idempotency" }.Select(table => $"ALTER TABLE {table} RENAME TO {table}_away;")));

    /// <summary>Runs SQL on the key store, past the program.</summary>
    public void Run(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(Folder, "keys.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public static string NewToken() => ApiKeyToken.Create(RandomNumberGenerator.GetBytes(ApiKeyToken.RandomLength));

    /// <summary>A token of the same id with another secret.</summary>
    public static string WithOtherSecret(string token) => ApiKeyToken.Create(token.AsSpan(4, ApiKeyToken.IdLength), RandomNumberGenerator.GetBytes(ApiKeyToken.RandomLength));

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        SqliteConnection.ClearAllPools();
        if (_ownsFolder)
            Directory.Delete(Folder, recursive: true);
    }

    private static async ValueTask<Stream> ConnectFromAsync(string address, int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private sealed class LineLoggerProvider(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            lines.Enqueue($"scope {state}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var values = state is IEnumerable<KeyValuePair<string, object?>> pairs ? string.Join(", ", pairs) : string.Empty;
            lines.Enqueue($"{logLevel} {formatter(state, exception)} {exception} {values}");
        }

        public void Dispose()
        {
        }
    }
}
