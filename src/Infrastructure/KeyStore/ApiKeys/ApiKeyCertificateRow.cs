using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IotBackend.Infrastructure.KeyStore.ApiKeys;

/// <summary>Finds the key of a client certificate; the same as <see cref="ApiKeyRow.Certificates"/> from the other side.</summary>
internal sealed class ApiKeyCertificateRow
{
    /// <summary>SHA-256 of the certificate, as 64 hexadecimal digits.</summary>
    public required string Fingerprint { get; set; }

    public required string KeyId { get; set; }
}

internal sealed class ApiKeyCertificateRowConfiguration : IEntityTypeConfiguration<ApiKeyCertificateRow>
{
    public void Configure(EntityTypeBuilder<ApiKeyCertificateRow> certificate)
    {
        certificate.ToTable("api_key_certificates");
        certificate.HasKey(row => row.Fingerprint);
        certificate.Property(row => row.Fingerprint).HasMaxLength(64);
        certificate.Property(row => row.KeyId).HasMaxLength(32);
        certificate.HasIndex(row => row.KeyId);
    }
}
