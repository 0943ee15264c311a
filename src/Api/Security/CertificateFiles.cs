using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace IotBackend.Api.Security;

/// <summary>Where the server's certificate lies: PEM with its key in a second file, or PFX.</summary>
/// <param name="Path">The certificate, in PEM with those between it and its root.</param>
/// <param name="KeyPath">The key in PEM; null for PFX, which holds it.</param>
/// <param name="Password">Of the key, or of the PFX; null: none.</param>
internal sealed record CertificateFiles(string Path, string? KeyPath, string? Password)
{
    public const string Section = "Kestrel:Certificates:Default";

    /// <summary>Null when no file is configured.</summary>
    public static CertificateFiles? Configured(IConfiguration configuration, string contentRoot)
    {
        var section = configuration.GetSection(Section);
        if (section[nameof(Path)] is not { Length: > 0 } path)
            return null;
        var keyPath = section[nameof(KeyPath)] is { Length: > 0 } key ? System.IO.Path.Combine(contentRoot, key) : null;
        return new CertificateFiles(System.IO.Path.Combine(contentRoot, path), keyPath, section[nameof(Password)]);
    }

    /// <exception cref="IOException">A file is not there.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    public CertificateContent Read() => new(File.ReadAllBytes(Path), KeyPath is null ? [] : File.ReadAllBytes(KeyPath));

    /// <summary>The certificate with its key, and those between it and its root; nothing is fetched from anywhere.</summary>
    /// <exception cref="CryptographicException">The content is no certificate with its key, or the password is wrong.</exception>
    public SslStreamCertificateContext Load(CertificateContent content)
    {
        try
        {
            return KeyPath is null ? FromPfx(content.Certificate) : FromPem(Encoding.UTF8.GetString(content.Certificate), Encoding.UTF8.GetString(content.Key));
        }
        catch (ArgumentException exception)
        {
            throw new CryptographicException(exception.Message, exception);
        }
    }

    private SslStreamCertificateContext FromPem(string certificate, string key)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(certificate);
        var withKey = string.IsNullOrEmpty(Password)
            ? X509Certificate2.CreateFromPem(certificate, key)
            : X509Certificate2.CreateFromEncryptedPem(certificate, key, Password);
        return SslStreamCertificateContext.Create(withKey, chain, offline: true);
    }

    private SslStreamCertificateContext FromPfx(byte[] content)
    {
        if (content.AsSpan().StartsWith("-----BEGIN"u8))
            throw new CryptographicException("The file is PEM; KeyPath has to name the file of its key.");
        var all = X509CertificateLoader.LoadPkcs12Collection(content, Password);
        var withKey = all.FirstOrDefault(certificate => certificate.HasPrivateKey) ?? throw new CryptographicException("The file holds no key.");
        return SslStreamCertificateContext.Create(withKey, all, offline: true);
    }
}

/// <summary>What stands in the files.</summary>
internal sealed record CertificateContent(byte[] Certificate, byte[] Key)
{
    public bool IsSame(CertificateContent other) => Certificate.AsSpan().SequenceEqual(other.Certificate) && Key.AsSpan().SequenceEqual(other.Key);
}
