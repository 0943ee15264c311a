using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace IotBackend.Api.Security;

/// <summary>What every listener that speaks TLS has in common.</summary>
internal static class TlsHandshake
{
    public static SslProtocols Protocols(TlsVersion oldest) =>
#pragma warning disable CA5398 // The versions are the operator's choice, not the operating system's: this is the setting.
        oldest == TlsVersion.Tls12 ? SslProtocols.Tls12 | SslProtocols.Tls13 : SslProtocols.Tls13;
#pragma warning restore CA5398

    /// <summary>Nobody may make the server fetch what the certificate of a client names.</summary>
    public static X509ChainPolicy ChainPolicy() => new()
    {
        DisableCertificateDownloads = true,
        RevocationMode = X509RevocationMode.NoCheck,
        TrustMode = X509ChainTrustMode.CustomRootTrust,
    };

    /// <summary>All of it, for a listener that is not the web server's.</summary>
    /// <param name="certificate">The certificate that is shown now.</param>
    /// <param name="oldest">The oldest version that is spoken.</param>
    /// <param name="clients">Whether clients are asked for a certificate.</param>
    public static SslServerAuthenticationOptions Options(SslStreamCertificateContext certificate, TlsVersion oldest, ClientCertificates clients) => new()
    {
        ServerCertificateContext = certificate,
        EnabledSslProtocols = Protocols(oldest),
        ClientCertificateRequired = clients != ClientCertificates.None,
        CertificateChainPolicy = ChainPolicy(),
        AllowRenegotiation = false,

        // Whom a certificate stands for is looked up by its fingerprint; who issued it says nothing.
        RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null || clients != ClientCertificates.Required,
    };
}
