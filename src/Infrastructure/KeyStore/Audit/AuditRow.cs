using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IotBackend.Infrastructure.KeyStore.Audit;

/// <summary>An entry of the audit log. Times are UTC.</summary>
internal sealed class AuditRow
{
    /// <summary>Grows with every entry.</summary>
    public long Id { get; set; }

    public required DateTime Time { get; set; }

    /// <summary>What was done, such as <c>key.create</c>.</summary>
    public required string Action { get; set; }

    /// <summary>Null while it is not known: the process was stopped in the middle. Else <c>done</c>, or the code of an error.</summary>
    public string? Outcome { get; set; }

    public string? ActorId { get; set; }

    public string? ActorName { get; set; }

    public string? Address { get; set; }

    public string? ObjectKind { get; set; }

    public string? ObjectId { get; set; }

    /// <summary>JSON; never a secret.</summary>
    public string? Before { get; set; }

    /// <summary>JSON; never a secret.</summary>
    public string? After { get; set; }

    public string? RequestId { get; set; }

    /// <summary>How many alike this entry stands for.</summary>
    public int Count { get; set; } = 1;
}

internal sealed class AuditRowConfiguration : IEntityTypeConfiguration<AuditRow>
{
    public void Configure(EntityTypeBuilder<AuditRow> entry)
    {
        entry.ToTable("audit");
        entry.HasKey(row => row.Id);
        entry.Property(row => row.Action).HasMaxLength(64);
        entry.Property(row => row.Outcome).HasMaxLength(64);
        entry.Property(row => row.ActorId).HasMaxLength(32);
        entry.Property(row => row.ActorName).HasMaxLength(128);
        entry.Property(row => row.Address).HasMaxLength(64);
        entry.Property(row => row.ObjectKind).HasMaxLength(32);
        entry.Property(row => row.ObjectId).HasMaxLength(512);
        entry.Property(row => row.RequestId).HasMaxLength(128);
        entry.HasIndex(row => row.Time);
        entry.HasIndex(row => new { row.Action, row.Id });
        entry.HasIndex(row => new { row.ActorId, row.Id });
        entry.HasIndex(row => new { row.ObjectKind, row.ObjectId, row.Id });
    }
}
