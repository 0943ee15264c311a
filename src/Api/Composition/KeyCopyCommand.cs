using IotBackend.Infrastructure.KeyStore;

namespace IotBackend.Api.Composition;

/// <summary>The offline command <c>copy-keys</c>: all that a key store in a SQLite file holds into the configured one.</summary>
internal static class KeyCopyCommand
{
    public const string Name = "copy-keys";

    private const int Success = 0;
    private const int Misused = 64;

    public static async Task<int> RunAsync(string[] arguments, TextWriter output, CancellationToken cancellationToken)
    {
        if (arguments is not [Name, var file, .. var settings] || file.StartsWith("--", StringComparison.Ordinal))
        {
            await output.WriteLineAsync($"Usage: {Name} <the SQLite file, such as data/keys.db>, and settings such as --KeyStore:Provider=PostgreSql".AsMemory(), cancellationToken);
            return Misused;
        }

        await using var app = IotBackendApp.Build(settings);
        var copied = await app.Services.CopyKeyStoreAsync(file, cancellationToken);
        await output.WriteLineAsync($"Copied {string.Join(", ", copied.Select(table => $"{table.Value:N0} {table.Key}"))}.".AsMemory(), cancellationToken);
        return Success;
    }
}
