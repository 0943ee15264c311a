using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace IotBackend.IntegrationTests.Hosting;

/// <summary>Certificates made up for a test.</summary>
internal static class TestCertificate
{
    /// <summary>One that has signed itself, for <c>localhost</c>; valid from yesterday to tomorrow unless said otherwise.</summary>
    public static X509Certificate2 Create(string name, DateTimeOffset? from = null, DateTimeOffset? until = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        return RequestOf(name, key).CreateSelfSigned(from ?? now.AddDays(-1), until ?? now.AddDays(1));
    }

    /// <summary>One that was signed by an issuer, which was itself signed by a root.</summary>
    public static (X509Certificate2 Issuer, X509Certificate2 Issued) CreateChain(string issuerName, string name)
    {
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var issuerKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var root = AuthorityOf("root", rootKey).CreateSelfSigned(now.AddDays(-1), now.AddDays(3));
        using var issuer = AuthorityOf(issuerName, issuerKey).Create(root, now.AddDays(-1), now.AddDays(2), [1, 2, 3, 4]);
        using var issued = RequestOf(name, key).Create(issuer.CopyWithPrivateKey(issuerKey), now.AddDays(-1), now.AddDays(1), [5, 6, 7, 8]);
        return (issuer.CopyWithPrivateKey(issuerKey), issued.CopyWithPrivateKey(key));
    }

    public static string KeyPem(this X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        return key.ExportPkcs8PrivateKeyPem();
    }

    public static string EncryptedKeyPem(this X509Certificate2 certificate, string password)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        return key.ExportEncryptedPkcs8PrivateKeyPem(password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000));
    }

    private static CertificateRequest AuthorityOf(string name, ECDsa key)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        return request;
    }

    private static CertificateRequest RequestOf(string name, ECDsa key)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        return request;
    }
}
