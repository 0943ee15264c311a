using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace IotBackend.Infrastructure.KeyStore;

/// <summary>For <c>dotnet ef migrations add</c> only; CONTRIBUTING.md has the command.</summary>
internal sealed class DesignTimeKeyStoreContextFactory : IDesignTimeDbContextFactory<KeyStoreContext>
{
    public KeyStoreContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<KeyStoreContext>().UseSqlite("Data Source=:memory:").Options);
}
