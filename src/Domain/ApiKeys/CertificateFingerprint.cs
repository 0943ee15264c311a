using System.Security.Cryptography;

namespace IotBackend.Domain.ApiKeys;

/// <summary>SHA-256 of a client certificate in its binary form (DER), as 64 lower-case hexadecimal digits.</summary>
public sealed record CertificateFingerprint
{
    private const int Digits = 2 * SHA256.HashSizeInBytes;

    private CertificateFingerprint(string value) => Value = value;

    public string Value { get; }

    /// <summary>Reads 64 hexadecimal digits, also with colons between the bytes as openssl writes them; null when it is something else.</summary>
    public static CertificateFingerprint? TryParse(string text)
    {
        var digits = text.Replace(":", string.Empty, StringComparison.Ordinal);
        return digits.Length == Digits && digits.All(char.IsAsciiHexDigit) ? new CertificateFingerprint(digits.ToLowerInvariant()) : null;
    }

    /// <param name="certificate">The certificate's binary form.</param>
    public static CertificateFingerprint Of(ReadOnlySpan<byte> certificate) => new(Convert.ToHexStringLower(SHA256.HashData(certificate)));

    public override string ToString() => Value;
}
