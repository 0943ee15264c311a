using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Tls;

/// <summary>One connection of TLS that stays open, speaking HTTP/1.1.</summary>
internal sealed class TlsConnection : IDisposable
{
    private readonly TcpClient _client = new();
    private SslStream _stream = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>The name that the server's certificate bears.</summary>
    public string Subject => _stream.RemoteCertificate!.Subject;

    public static async Task<TlsConnection> OpenAsync(Uri server)
    {
        var connection = new TlsConnection();
        await connection._client.ConnectAsync(server.Host, server.Port, Cancelled);
        connection._stream = new SslStream(connection._client.GetStream());
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
#pragma warning disable CA5359 // The certificates of these tests have signed themselves.
            RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
            CertificateChainPolicy = new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck },
        };
        await connection._stream.AuthenticateAsClientAsync(options, Cancelled);
        return connection;
    }

    /// <summary>The first line of the answer to a question for life.</summary>
    public async Task<string> AskAsync()
    {
        await _stream.WriteAsync(Encoding.ASCII.GetBytes("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"), Cancelled);
        var buffer = new byte[4096];
        var read = 0;
        while (!Encoding.ASCII.GetString(buffer, 0, read).EndsWith('}'))
        {
            var more = await _stream.ReadAsync(buffer.AsMemory(read), Cancelled).AsTask().WaitAsync(Eventually.Patience, TimeProvider.System, Cancelled);
            if (more == 0)
                return "closed";
            read += more;
        }

        return Encoding.ASCII.GetString(buffer, 0, read).Split("\r\n")[0];
    }

    public void Dispose()
    {
        _stream?.Dispose();
        _client.Dispose();
    }
}
