using System.Net.Security;
using IotBackend.Api.Composition;
using IotBackend.Api.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;

namespace IotBackend.Api.Security;

/// <summary>What HTTPS speaks, and which certificates it shows and asks for.</summary>
internal static class HttpsRegistration
{
    public static void AddHttps(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings<HttpsOptions>(configuration, HttpsOptions.Section);
        services.AddSingleton<ServerCertificate>();
        services.AddHostedService<CertificateRenewal>();
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<HttpsOptions>, IOptions<OverloadOptions>, ServerCertificate>((kestrel, options, overload, certificate) =>
        {
            // Without its own reload, which would end the connections of an address when a certificate changes.
            kestrel.Configure(configuration.GetSection("Kestrel"), reloadOnChange: false);
            kestrel.ConfigureHttpsDefaults(https => Configure(https, options.Value, overload.Value, certificate));
        });
    }

    private static void Configure(HttpsConnectionAdapterOptions https, HttpsOptions options, OverloadOptions overload, ServerCertificate certificate)
    {
        https.SslProtocols = TlsHandshake.Protocols(options.MinimumProtocol);
        https.ClientCertificateMode = options.ClientCertificates switch
        {
            ClientCertificates.Accepted => ClientCertificateMode.AllowCertificate,
            ClientCertificates.Required => ClientCertificateMode.RequireCertificate,
            _ => ClientCertificateMode.NoCertificate,
        };

        // Whom a certificate stands for is looked up by its fingerprint at each request; who issued it says nothing.
        https.AllowAnyClientCertificate();
        https.HandshakeTimeout = TimeSpan.FromSeconds(overload.HeadersSeconds);
        https.ServerCertificate = certificate.First?.TargetCertificate;
        https.OnAuthenticate = (_, handshake) => Prepare(handshake, certificate);
    }

    private static void Prepare(SslServerAuthenticationOptions handshake, ServerCertificate certificate)
    {
        handshake.CertificateChainPolicy = TlsHandshake.ChainPolicy();

        // An address with a certificate of its own keeps that one.
        if (certificate.Current is not { } current || !ReferenceEquals(handshake.ServerCertificate, certificate.First?.TargetCertificate))
            return;
        handshake.ServerCertificate = current.TargetCertificate;
        handshake.ServerCertificateContext = current;
    }
}
