using Microsoft.EntityFrameworkCore;

namespace IotBackend.Infrastructure.KeyStore;

/// <summary>Keeps this program from a database that a later one has changed.</summary>
internal static class KeyStoreVersion
{
    /// <param name="context">The database.</param>
    /// <param name="name">How a person calls it.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    /// <exception cref="StorageStartException">It has migrations that this program does not know.</exception>
    public static async Task RefuseNewerAsync(KeyStoreContext context, string name, CancellationToken cancellationToken)
    {
        var known = context.Database.GetMigrations().ToHashSet(StringComparer.Ordinal);
        var applied = await context.Database.GetAppliedMigrationsAsync(cancellationToken);
        if (applied.FirstOrDefault(migration => !known.Contains(migration)) is { } newer)
            throw new StorageStartException($"The key store {name} was written by a newer version of this program (it has the migration {newer}). Start that version.");
    }
}
