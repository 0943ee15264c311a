using System.Security.Cryptography.X509Certificates;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Tls;

public sealed class CertificateRenewalTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task New_connections_get_a_new_certificate_and_old_ones_go_on()
    {
        await using var server = await HttpsServer.StartAsync();
        using var old = await TlsConnection.OpenAsync(server.Url);
        Assert.Equal("CN=first", old.Subject);
        Assert.Equal("HTTP/1.1 200 OK", await old.AskAsync());

        server.Write(TestCertificate.Create("second"));

        await ServesAsync(server.Url, "CN=second");
        Assert.Equal("HTTP/1.1 200 OK", await old.AskAsync());
        Assert.Contains(server.Program.LogLines, line => line.Contains("New connections get the new certificate CN=second", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pfx_is_renewed_too()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Combine("server.pfx");
        await File.WriteAllBytesAsync(file, TestCertificate.Create("first").Export(X509ContentType.Pfx, "secret"), Cancellation);
        await using var server = await AccessServer.StartAsync(
            null, "--Urls=https://127.0.0.1:0", $"--Kestrel:Certificates:Default:Path={file}", "--Kestrel:Certificates:Default:Password=secret", "--Https:CertificateCheckSeconds=0.05");
        await ServesAsync(server.Url, "CN=first");

        await File.WriteAllBytesAsync(file, TestCertificate.Create("second").Export(X509ContentType.Pfx, "secret"), Cancellation);

        await ServesAsync(server.Url, "CN=second");
    }

    [Fact]
    public async Task Address_of_the_servers_own_configuration_gets_the_new_certificate_and_keeps_its_connections()
    {
        await using var server = await HttpsServer.StartAsync("--Kestrel:Endpoints:Devices:Url=https://127.0.0.1:0");
        using var old = await TlsConnection.OpenAsync(server.Url);

        server.Write(TestCertificate.Create("second"));

        await ServesAsync(server.Url, "CN=second");
        Assert.Equal("HTTP/1.1 200 OK", await old.AskAsync());
    }

    [Fact]
    public async Task Address_with_a_certificate_of_its_own_keeps_it()
    {
        using var folder = new TemporaryFolder();
        var own = TestCertificate.Create("own");
        await File.WriteAllTextAsync(folder.Combine("c.pem"), own.ExportCertificatePem(), Cancellation);
        await File.WriteAllTextAsync(folder.Combine("k.pem"), own.KeyPem(), Cancellation);
        await using var server = await HttpsServer.StartAsync(
            "--Kestrel:Endpoints:Devices:Url=https://127.0.0.1:0",
            $"--Kestrel:Endpoints:Devices:Certificate:Path={folder.Combine("c.pem")}",
            $"--Kestrel:Endpoints:Devices:Certificate:KeyPath={folder.Combine("k.pem")}");

        using var connection = await TlsConnection.OpenAsync(server.Url);

        Assert.Equal("CN=own", connection.Subject);
    }

    [Fact]
    public async Task Link_that_is_turned_to_other_files_is_followed()
    {
        await using var server = await HttpsServer.StartAsync();
        using var archive = new TemporaryFolder();
        var second = TestCertificate.Create("second");
        await File.WriteAllTextAsync(archive.Combine("cert2.pem"), second.ExportCertificatePem(), Cancellation);
        await File.WriteAllTextAsync(archive.Combine("key2.pem"), second.KeyPem(), Cancellation);

        Turn(server.CertificateFile, archive.Combine("cert2.pem"));
        Turn(server.KeyFile, archive.Combine("key2.pem"));

        await ServesAsync(server.Url, "CN=second");
    }

    [Fact]
    public async Task Half_written_certificate_is_told_and_the_old_one_stays_until_it_is_whole()
    {
        await using var server = await HttpsServer.StartAsync();
        var second = TestCertificate.Create("second");
        var pem = second.ExportCertificatePem();

        await File.WriteAllTextAsync(server.CertificateFile, pem[..(pem.Length / 2)], Cancellation);
        await ToldAsync(server);
        await ServesAsync(server.Url, "CN=first");
        await File.WriteAllTextAsync(server.CertificateFile, pem, Cancellation);
        await Eventually.TrueAsync(() => Warnings(server, "can not be used").Count() >= 2, "the key that does not fit is told");
        await ServesAsync(server.Url, "CN=first");
        await File.WriteAllTextAsync(server.KeyFile, second.KeyPem(), Cancellation);

        await ServesAsync(server.Url, "CN=second");
    }

    [Theory]
    [InlineData("")]
    [InlineData("garbage")]
    [InlineData("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n")]
    [InlineData("-----BEGIN CERTIFICATE-----\nMAAA\n-----END CERTIFICATE-----\n")]
    public async Task Broken_file_is_told_once_and_the_old_certificate_stays(string content)
    {
        await using var server = await HttpsServer.StartAsync();

        await File.WriteAllTextAsync(server.CertificateFile, content, Cancellation);

        await ToldAsync(server);
        await LooksAgainAsync();
        Assert.Single(Warnings(server, "can not be used"));
        await ServesAsync(server.Url, "CN=first");
    }

    [Fact]
    public async Task Missing_file_is_told_once_and_the_old_certificate_stays()
    {
        await using var server = await HttpsServer.StartAsync();

        File.Delete(server.KeyFile);

        await ToldAsync(server);
        await LooksAgainAsync();
        Assert.Single(Warnings(server, "can not be used"));
        await ServesAsync(server.Url, "CN=first");
        server.Write(TestCertificate.Create("second"));
        await ServesAsync(server.Url, "CN=second");
    }

    [Fact]
    public async Task Certificate_that_has_expired_is_served_with_a_warning()
    {
        await using var server = await HttpsServer.StartAsync();
        var now = TimeProvider.System.GetUtcNow();

        server.Write(TestCertificate.Create("late", now.AddDays(-2), now.AddDays(-1)));

        await ServesAsync(server.Url, "CN=late");
        await Eventually.TrueAsync(() => Warnings(server, "clients will refuse it now").Any(), "the warning");
    }

    // Twenty looks at the files, in which nothing more may be said.
    private static Task LooksAgainAsync() => Eventually.PauseAsync(TimeSpan.FromSeconds(1));

    private static async Task ToldAsync(HttpsServer server) =>
        await Eventually.TrueAsync(() => Warnings(server, "can not be used").Any(), "the log tells of the broken certificate");

    private static IEnumerable<string> Warnings(HttpsServer server, string words) =>
        server.Program.LogLines.Where(line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains(words, StringComparison.Ordinal));

    private static Task ServesAsync(Uri url, string subject) => Eventually.TrueAsync(
        async () =>
        {
            using var connection = await TlsConnection.OpenAsync(url);
            return connection.Subject == subject;
        },
        $"{subject} is served");

    private static void Turn(string link, string target)
    {
        File.CreateSymbolicLink(link + ".new", target);
        File.Move(link + ".new", link, overwrite: true);
    }
}
