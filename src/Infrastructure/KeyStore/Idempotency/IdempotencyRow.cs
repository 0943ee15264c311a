using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IotBackend.Infrastructure.KeyStore.Idempotency;

/// <summary>A request with an idempotency key. Times are UTC.</summary>
internal sealed class IdempotencyRow
{
    public required string KeyId { get; set; }

    /// <summary>SHA-256 of the operation and the idempotency key.</summary>
    public required byte[] Digest { get; set; }

    /// <summary>SHA-256 of the content.</summary>
    public required byte[] Fingerprint { get; set; }

    /// <summary>The first attempt's time of receipt, in nanoseconds since 1970.</summary>
    public long ReceivedAt { get; set; }

    public required DateTime CreatedAt { get; set; }

    /// <summary>The latest attempt.</summary>
    public required string Attempt { get; set; }

    /// <summary>When the latest attempt counts as dead; it means nothing once there is an answer.</summary>
    public required DateTime AttemptUntil { get; set; }

    /// <summary>Null while there is no answer.</summary>
    public int? Status { get; set; }

    /// <summary>The body of the answer.</summary>
    public byte[]? Answer { get; set; }
}

internal sealed class IdempotencyRowConfiguration : IEntityTypeConfiguration<IdempotencyRow>
{
    public void Configure(EntityTypeBuilder<IdempotencyRow> record)
    {
        record.ToTable("idempotency");
        record.HasKey(row => new { row.KeyId, row.Digest });
        record.Property(row => row.KeyId).HasMaxLength(32);
        record.Property(row => row.Digest).HasMaxLength(32);
        record.Property(row => row.Fingerprint).HasMaxLength(32);
        record.Property(row => row.Attempt).HasMaxLength(32);
        record.HasIndex(row => row.CreatedAt);
        record.HasIndex(row => new { row.KeyId, row.CreatedAt });
    }
}
