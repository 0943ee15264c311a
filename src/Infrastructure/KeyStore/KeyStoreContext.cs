using IotBackend.Infrastructure.KeyStore.ApiKeys;
using IotBackend.Infrastructure.KeyStore.Audit;
using IotBackend.Infrastructure.KeyStore.Blocks;
using IotBackend.Infrastructure.KeyStore.Devices;
using IotBackend.Infrastructure.KeyStore.Idempotency;
using IotBackend.Infrastructure.KeyStore.Leases;
using IotBackend.Infrastructure.KeyStore.Tiers;
using IotBackend.Infrastructure.KeyStore.Usage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace IotBackend.Infrastructure.KeyStore;

/// <summary>The key store's database; one derived type a provider, because each has migrations of its own.</summary>
internal abstract class KeyStoreContext(DbContextOptions options) : DbContext(options)
{
    public DbSet<ApiKeyRow> ApiKeys => Set<ApiKeyRow>();

    public DbSet<ApiKeyCertificateRow> ApiKeyCertificates => Set<ApiKeyCertificateRow>();

    public DbSet<TierRow> Tiers => Set<TierRow>();

    public DbSet<BlockRow> Blocks => Set<BlockRow>();

    public DbSet<AuditRow> AuditEntries => Set<AuditRow>();

    public DbSet<UsageRow> Usage => Set<UsageRow>();

    public DbSet<LeaseRow> Leases => Set<LeaseRow>();

    public DbSet<IdempotencyRow> Idempotency => Set<IdempotencyRow>();

    public DbSet<DeviceRow> Devices => Set<DeviceRow>();

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

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.ApplyConfigurationsFromAssembly(typeof(KeyStoreContext).Assembly);

    private void CountChanges()
    {
        foreach (var entry in ChangeTracker.Entries<IVersionedRow>())
        {
            if (entry.State == EntityState.Modified)
                entry.Entity.Version = entry.Property(row => row.Version).OriginalValue + 1;
        }
    }

    // SQLite keeps no kind of a time; all of ours are UTC.
    private sealed class UtcConverter() : ValueConverter<DateTime, DateTime>(
        time => time.ToUniversalTime(), time => DateTime.SpecifyKind(time, DateTimeKind.Utc));
}

/// <summary>A row that two may want to change at once.</summary>
internal interface IVersionedRow
{
    /// <summary>Grows with every change; two changes of the same version conflict.</summary>
    int Version { get; set; }
}
