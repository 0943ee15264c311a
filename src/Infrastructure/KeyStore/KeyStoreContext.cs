using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace IotBackend.Infrastructure.KeyStore;

/// <summary>The key store's database.</summary>
internal sealed class KeyStoreContext(DbContextOptions<KeyStoreContext> options) : DbContext(options)
{
    public DbSet<ApiKeyRow> ApiKeys => Set<ApiKeyRow>();

    public override int SaveChanges(bool acceptAllChangesOnSuccess)
    {
        CountChanges();
        return base.SaveChanges(acceptAllChangesOnSuccess);
    }

    public override Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        CountChanges();
        return base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTime>().HaveConversion<UtcConverter>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<ApiKeyRow>(key =>
    {
        key.ToTable("api_keys");
        key.HasKey(row => row.Id);
        key.Property(row => row.Id).HasMaxLength(32);
        key.Property(row => row.Name).HasMaxLength(128);
        key.Property(row => row.Notes).HasMaxLength(2048);
        key.Property(row => row.Tier).HasMaxLength(64);
        key.Property(row => row.SecretHash).HasMaxLength(32);
        key.Property(row => row.PreviousSecretHash).HasMaxLength(32);
        key.Property(row => row.LastUsedFrom).HasMaxLength(64);
        key.Property(row => row.Version).IsConcurrencyToken();
        key.HasIndex(row => row.CreatedAt);
    });

    private void CountChanges()
    {
        foreach (var entry in ChangeTracker.Entries<ApiKeyRow>())
        {
            if (entry.State == EntityState.Modified)
                entry.Entity.Version = entry.Property(row => row.Version).OriginalValue + 1;
        }
    }

    // SQLite keeps no kind of a time; all of ours are UTC.
    private sealed class UtcConverter() : ValueConverter<DateTime, DateTime>(
        time => time.ToUniversalTime(), time => DateTime.SpecifyKind(time, DateTimeKind.Utc));
}
