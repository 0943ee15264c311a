using Microsoft.EntityFrameworkCore;

namespace IotBackend.Infrastructure.KeyStore;

/// <summary>Makes contexts of the configured provider for those who need not know it.</summary>
internal sealed class ContextFactory<T>(IDbContextFactory<T> contexts) : IDbContextFactory<KeyStoreContext>
    where T : KeyStoreContext
{
    public KeyStoreContext CreateDbContext() => contexts.CreateDbContext();

    public async Task<KeyStoreContext> CreateDbContextAsync(CancellationToken cancellationToken) => await contexts.CreateDbContextAsync(cancellationToken);
}
