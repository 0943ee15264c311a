using System.Net;
using System.Security.Cryptography.X509Certificates;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;

namespace IotBackend.IntegrationTests.Tls;

/// <summary>The program on an HTTPS address, with the files of its certificate at hand.</summary>
internal sealed class HttpsServer : IAsyncDisposable
{
    private readonly TemporaryFolder _files = new();
    private readonly List<HttpClient> _clients = [];

    private HttpsServer()
    {
    }

    public AccessServer Program { get; private set; } = null!;

    public Uri Url => Program.Url;

    public string CertificateFile => _files.Combine("fullchain.pem");

    public string KeyFile => _files.Combine("privkey.pem");

    public static async Task<HttpsServer> StartAsync(params string[] settings)
    {
        var server = new HttpsServer();
        server.Write(TestCertificate.Create("first"));
        server.Program = await AccessServer.StartAsync(
            null,
            [
                "--Urls=https://127.0.0.1:0", $"--Kestrel:Certificates:Default:Path={server.CertificateFile}",
                $"--Kestrel:Certificates:Default:KeyPath={server.KeyFile}", "--Https:CertificateCheckSeconds=0.05", .. settings,
            ]);
        return server;
    }

    /// <summary>Puts a certificate and its key into the files.</summary>
    public void Write(X509Certificate2 certificate)
    {
        File.WriteAllText(CertificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(KeyFile, certificate.KeyPem());
    }

    /// <summary>A client that takes any certificate of the server, and shows the given one. The server disposes it.</summary>
    public HttpClient Client(X509Certificate2? certificate = null)
    {
        var handler = new SocketsHttpHandler();
#pragma warning disable CA5359 // The certificates of these tests have signed themselves.
        handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        if (certificate is not null)
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        var client = new HttpClient(handler) { BaseAddress = Url, DefaultRequestVersion = HttpVersion.Version20 };
        _clients.Add(client);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        await Program.DisposeAsync();
        _files.Dispose();
    }
}
