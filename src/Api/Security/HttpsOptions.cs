using System.ComponentModel.DataAnnotations;

namespace IotBackend.Api.Security;

/// <summary>Section <c>Https</c>: what holds for every HTTPS address. The certificate itself is set as in every ASP.NET Core program.</summary>
public sealed class HttpsOptions
{
    public const string Section = "Https";

    /// <summary>The oldest version of TLS that is spoken.</summary>
    [EnumDataType(typeof(TlsVersion))]
    public TlsVersion MinimumProtocol { get; set; } = TlsVersion.Tls13;

    /// <summary>Whether clients are asked for a certificate that stands for a key.</summary>
    [EnumDataType(typeof(ClientCertificates))]
    public ClientCertificates ClientCertificates { get; set; } = ClientCertificates.None;

    /// <summary>Seconds between two looks at the files of the server's certificate.</summary>
    [Range(0.05, 86_400d)]
    public double CertificateCheckSeconds { get; set; } = 5;
}

public enum TlsVersion
{
    Tls12,
    Tls13,
}

public enum ClientCertificates
{
    /// <summary>Clients are not asked for one.</summary>
    None,

    /// <summary>A client may present one.</summary>
    Accepted,

    /// <summary>A connection without one is refused.</summary>
    Required,
}
