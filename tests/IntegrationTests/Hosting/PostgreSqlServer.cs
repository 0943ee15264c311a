using System.Globalization;
using Npgsql;
using Xunit;

namespace IotBackend.IntegrationTests.Hosting;

/// <summary>
/// A real PostgreSQL as a process of its own, on a free port and a folder of its own, with passwords asked and with what it acknowledges on
/// disk. It can be stopped, killed, made to hang, and started again where it was.
/// </summary>
internal sealed class PostgreSqlServer : IAsyncDisposable
{
    public const string Owner = "owner";
    public const string Password = "pass-word-of-the-owner";

    private const int Starts = 5;

    private readonly TemporaryFolder _folder = new();
    private readonly string _programs;
    private PostgreSqlProcess? _process;
    private int _port;
    private int _databases;

    private PostgreSqlServer(string programs) => _programs = programs;

    public int Port => _port;

    private string Data => _folder.Combine("data");

    /// <summary>Skips the test where PostgreSQL is not installed, but fails it on a build server.</summary>
    public static async Task<PostgreSqlServer> StartAsync()
    {
        if (PostgreSqlProcess.Find() is not { } programs)
        {
            Absent.SkipOrFail(PostgreSqlProcess.Missing);
            throw new InvalidOperationException(PostgreSqlProcess.Missing);
        }

        var server = new PostgreSqlServer(programs);
        try
        {
            await server.MakeClusterAsync();
            await server.StartOnFreePortAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>An empty database of a new name, as the program is told of it.</summary>
    public async Task<string> NewDatabaseAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"keys_{Interlocked.Increment(ref _databases)}");
        await ExecuteAsync("postgres", $"CREATE DATABASE {name}");
        return Connection(name);
    }

    /// <param name="database">Its name; it need not be there.</param>
    /// <param name="user">Who asks.</param>
    /// <param name="password">His password.</param>
    public string Connection(string database, string user = Owner, string password = Password) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = _port,
        Database = database,
        Username = user,
        Password = password,
    }.ToString();

    /// <summary>Runs SQL past the program.</summary>
    public Task ExecuteAsync(string database, string sql) => ExecuteAtAsync(Connection(database), sql);

    /// <summary>The same by a connection string that <see cref="NewDatabaseAsync"/> gave.</summary>
    public static async Task ExecuteAtAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(Unpooled(connectionString));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The first column of all rows, as text.</summary>
    public static async Task<IReadOnlyList<string>> ReadAtAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(Unpooled(connectionString));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var texts = new List<string>();
        while (await reader.ReadAsync())
            texts.Add(Convert.ToString(reader.GetValue(0), CultureInfo.InvariantCulture)!);
        return texts;
    }

    /// <summary>As an operator stops it; returns when it has ended.</summary>
    public Task StopAsync() => _process!.StopAsync("INT");

    /// <summary>As <c>kill -9</c>: nothing of it runs any more when this returns.</summary>
    public Task KillAsync() => _process!.KillAsync();

    /// <summary>It stays alive, takes connections, and answers nothing until <see cref="ResumeAsync"/>.</summary>
    public Task SuspendAsync() => _process!.SendAsync("STOP");

    public Task ResumeAsync() => _process!.SendAsync("CONT");

    /// <summary>Starts it again on the same folder and the same port.</summary>
    public async Task RestartAsync()
    {
        for (var start = 1; !await TryStartAsync(); start++)
            Assert.True(start < Starts, $"PostgreSQL does not start again:{Environment.NewLine}{_process!.Output}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            await process.KillAsync();
            process.Dispose();
        }

        _folder.Dispose();
    }

    private static string Unpooled(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, Timeout = 5 }.ToString();

    private async Task MakeClusterAsync()
    {
        var passwords = _folder.Combine("password");
        await File.WriteAllTextAsync(passwords, Password);
        await PostgreSqlProcess.GiveAsync(_folder);
        await PostgreSqlProcess.RunAsync(
            Path.Combine(_programs, "initdb"), _folder,
            "-D", Data, "-U", Owner, "--pwfile", passwords, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync");
    }

    // Between the moment when a port is found free and that when it is taken, somebody else may take it.
    private async Task StartOnFreePortAsync()
    {
        for (var start = 1; ; start++)
        {
            _port = FreePort.Next();
            if (await TryStartAsync())
                return;
            Assert.True(start < Starts, $"PostgreSQL does not start:{Environment.NewLine}{_process!.Output}");
        }
    }

    // False when it ends instead of answering.
    private async Task<bool> TryStartAsync()
    {
        _process?.Dispose();
        var process = _process = PostgreSqlProcess.Start(
            _programs, _folder, Data, "-p", _port.ToString(CultureInfo.InvariantCulture),
            "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "shared_buffers=16MB", "-c", "max_connections=200");
        await Eventually.TrueAsync(async () => process.HasExited || await AnswersAsync(), "PostgreSQL answers or ends");
        return !process.HasExited;
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            await ExecuteAsync("postgres", "SELECT 1");
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }
}
