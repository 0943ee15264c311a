using System.Net;
using System.Security.Cryptography.X509Certificates;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Tls;

public sealed class ProtocolTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tls_1_3_is_spoken_and_nothing_older()
    {
        await using var server = await HttpsServer.StartAsync();

        var (newest, told) = await OpenSsl.ConnectAsync(server.Url, "-tls1_3");
        Assert.True(newest, told);
        Assert.Contains("TLSv1.3", told, StringComparison.Ordinal);
        foreach (var older in new[] { "-tls1_2", "-tls1_1", "-tls1" })
        {
            var (succeeded, refused) = await OpenSsl.ConnectAsync(server.Url, older, "-cipher", "DEFAULT@SECLEVEL=0");
            Assert.False(succeeded, refused);
            Assert.Contains("alert protocol version", refused, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Tls_1_2_is_spoken_too_when_an_operator_wants_it_and_1_1_is_not()
    {
        await using var server = await HttpsServer.StartAsync("--Https:MinimumProtocol=Tls12");

        var (older, told) = await OpenSsl.ConnectAsync(server.Url, "-tls1_2");
        Assert.True(older, told);
        Assert.Contains("TLSv1.2", told, StringComparison.Ordinal);
        var (newest, toldToo) = await OpenSsl.ConnectAsync(server.Url, "-tls1_3");
        Assert.True(newest, toldToo);
        var (oldest, refused) = await OpenSsl.ConnectAsync(server.Url, "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0");
        Assert.False(oldest, refused);
    }

    [Fact]
    public async Task Http_2_is_negotiated()
    {
        await using var server = await HttpsServer.StartAsync();

        var (_, told) = await OpenSsl.ConnectAsync(server.Url, "-alpn", "h2,http/1.1");
        Assert.Contains("ALPN protocol: h2", told, StringComparison.Ordinal);
        var response = await server.Client().GetAsync("/health/live", Cancellation);
        Assert.Equal(HttpVersion.Version20, response.Version);
    }

    [Fact]
    public async Task Browsers_are_told_to_stay_with_https_and_only_there()
    {
        await using var server = await HttpsServer.StartAsync();
        var secure = await server.Client().GetAsync("/health/live", Cancellation);
        Assert.Equal("max-age=31536000; includeSubDomains", secure.Headers.GetValues("Strict-Transport-Security").Single());

        await using var plain = await AccessServer.StartAsync();
        var open = await plain.Client().GetAsync("/health/live", Cancellation);
        Assert.False(open.Headers.Contains("Strict-Transport-Security"));
    }

    [Fact]
    public async Task Certificates_between_the_servers_and_its_root_are_sent_along()
    {
        await using var server = await HttpsServer.StartAsync();
        var (issuer, issued) = TestCertificate.CreateChain("issuer", "second");
        await File.WriteAllTextAsync(server.CertificateFile, issued.ExportCertificatePem() + "\n" + issuer.ExportCertificatePem(), Cancellation);
        await File.WriteAllTextAsync(server.KeyFile, issued.KeyPem(), Cancellation);

        var sent = await Eventually.GetAsync(
            async () => await OpenSsl.ConnectAsync(server.Url, "-showcerts") is (_, var told) && told.Contains("CN = second", StringComparison.Ordinal) ? told : null,
            "the second certificate is served");
        Assert.Equal(2, sent.Split("BEGIN CERTIFICATE").Length - 1);
    }

    [Fact]
    public async Task Pfx_with_a_password_serves()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Combine("server.pfx");
        await File.WriteAllBytesAsync(file, TestCertificate.Create("pfx").Export(X509ContentType.Pfx, "secret"), Cancellation);
        await using var server = await AccessServer.StartAsync(
            null, "--Urls=https://127.0.0.1:0", $"--Kestrel:Certificates:Default:Path={file}", "--Kestrel:Certificates:Default:Password=secret");

        using var connection = await TlsConnection.OpenAsync(server.Url);
        Assert.Equal("CN=pfx", connection.Subject);
    }

    [Fact]
    public async Task Key_with_a_password_serves()
    {
        using var folder = new TemporaryFolder();
        var certificate = TestCertificate.Create("locked");
        await File.WriteAllTextAsync(folder.Combine("c.pem"), certificate.ExportCertificatePem(), Cancellation);
        await File.WriteAllTextAsync(folder.Combine("k.pem"), certificate.EncryptedKeyPem("secret"), Cancellation);
        await using var server = await AccessServer.StartAsync(
            null, "--Urls=https://127.0.0.1:0", $"--Kestrel:Certificates:Default:Path={folder.Combine("c.pem")}",
            $"--Kestrel:Certificates:Default:KeyPath={folder.Combine("k.pem")}", "--Kestrel:Certificates:Default:Password=secret");

        using var connection = await TlsConnection.OpenAsync(server.Url);
        Assert.Equal("CN=locked", connection.Subject);
    }

    [Fact]
    public async Task Certificate_that_can_not_be_used_stops_the_start_with_one_line()
    {
        using var folder = new TemporaryFolder();
        var certificate = TestCertificate.Create("right");
        await File.WriteAllTextAsync(folder.Combine("c.pem"), certificate.ExportCertificatePem(), Cancellation);
        await File.WriteAllTextAsync(folder.Combine("other.pem"), TestCertificate.Create("other").KeyPem(), Cancellation);
        foreach (var files in new[] { new[] { "absent.pem", "other.pem" }, ["c.pem", "other.pem"], ["c.pem"], ["other.pem", "c.pem"] })
        {
            var settings = new Dictionary<string, string> { ["Urls"] = "https://127.0.0.1:0", ["Kestrel:Certificates:Default:Path"] = folder.Combine(files[0]) };
            if (files is [_, var key])
                settings["Kestrel:Certificates:Default:KeyPath"] = folder.Combine(key);
            using var process = ServerProcess.Start(folder.Combine("data"), new() { Settings = settings });
            Assert.NotEqual(0, await process.WaitForExitAsync());
            Assert.StartsWith("Configuration: Kestrel:Certificates:Default: ", Assert.Single(process.Output.Lines), StringComparison.Ordinal);
        }
    }
}
