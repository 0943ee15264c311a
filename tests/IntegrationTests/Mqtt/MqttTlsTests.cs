using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using IotBackend.Domain.ApiKeys;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Mqtt;

/// <summary>MQTT under TLS, with the certificate that HTTPS has.</summary>
public sealed class MqttTlsTests : IDisposable
{
    private const string Topic = "devices/a/measurements";
    private const string Good = """{"device":"a","fields":{"x":1}}""";

    public static TheoryData<string> Versions => [.. MqttTool.Versions];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private readonly TemporaryFolder _files = new();

    private string CertificateFile => _files.Combine("cert.pem");

    private string KeyFile => _files.Combine("key.pem");

    public void Dispose() => _files.Dispose();

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Message_comes_under_tls(string version)
    {
        Write(TestCertificate.Create("localhost"));
        await using var server = await StartAsync();
        (await PublishAsync(server, version, server.Program.AdminKey)).ShouldSucceed();
        await server.ShouldHoldAsync(1);

        // Each kind of connection has its own port.
        Assert.NotEqual(0, (await MqttTool.PublishAsync(server.TlsPort, version, server.Program.AdminKey, Topic, Good)).ExitCode);
        Assert.NotEqual(0, (await MqttTool.PublishAsync(server.Port, version, server.Program.AdminKey, Topic, Good, "--cafile", CertificateFile)).ExitCode);
        await server.ShouldHoldAsync(1);
    }

    [Fact]
    public async Task Tls_1_2_is_spoken_unless_the_setting_says_otherwise()
    {
        Write(TestCertificate.Create("localhost"));
        await using var both = await StartAsync();
        Assert.NotEmpty(await ShownAsync(both.TlsPort, SslProtocols.Tls12));
        Assert.NotEmpty(await ShownAsync(both.TlsPort, SslProtocols.Tls13));

        await using var newest = await StartAsync("--Mqtt:MinimumProtocol=Tls13");
        await Assert.ThrowsAnyAsync<Exception>(() => ShownAsync(newest.TlsPort, SslProtocols.Tls12));
        Assert.NotEmpty(await ShownAsync(newest.TlsPort, SslProtocols.Tls13));
    }

    [Fact]
    public async Task Renewed_certificate_is_shown_with_those_between_it_and_its_root()
    {
        Write(TestCertificate.Create("localhost"));
        await using var server = await StartAsync();
        (await PublishAsync(server, "mqttv5", server.Program.AdminKey)).ShouldSucceed();

        var (issuer, issued) = TestCertificate.CreateChain("issuer", "renewed");
        Write(issued, issuer);

        await Eventually.TrueAsync(async () => await ShownAsync(server.TlsPort) is ["CN=renewed", .. var between] && between.Contains("CN=issuer"), "new connections get the new certificate");
    }

    [Fact]
    public async Task Client_certificate_stands_for_a_key()
    {
        Write(TestCertificate.Create("localhost"));
        await using var server = await StartAsync("--Https:ClientCertificates=Accepted");
        using var device = TestCertificate.Create("device");
        await server.Program.AddKeyAsync(key => key with { Certificates = [CertificateFingerprint.Of(device.RawData)] });
        await File.WriteAllTextAsync(_files.Combine("device.pem"), device.ExportCertificatePem(), Cancel);
        await File.WriteAllTextAsync(_files.Combine("device-key.pem"), device.KeyPem(), Cancel);

        (await PublishAsync(server, "mqttv311", null, "--cert", _files.Combine("device.pem"), "--key", _files.Combine("device-key.pem"))).ShouldSucceed();
        Assert.NotEqual(0, (await PublishAsync(server, "mqttv311", null)).ExitCode);
        await server.ShouldHoldAsync(1);
    }

    // The server's certificate, and those that it sends along.
    private static async Task<string[]> ShownAsync(int port, SslProtocols versions = SslProtocols.None)
    {
        var shown = new List<string>();
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port, Cancel);
        await using var connection = new SslStream(client.GetStream());
        await connection.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                EnabledSslProtocols = versions,
                RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
                {
                    shown.AddRange([certificate!.Subject, .. chain!.ChainPolicy.ExtraStore.Select(one => one.Subject)]);
                    return true;
                },
            },
            Cancel);
        return [.. shown];
    }

    private Task<MqttServerUnderTest> StartAsync(params string[] settings) => MqttServerUnderTest.StartAsync(
    [
        "--Mqtt:Transport=Both", $"--Kestrel:Certificates:Default:Path={CertificateFile}", $"--Kestrel:Certificates:Default:KeyPath={KeyFile}",
        "--Https:CertificateCheckSeconds=0.05", .. settings,
    ]);

    private Task<MqttToolRun> PublishAsync(MqttServerUnderTest server, string version, string? key, params string[] options) =>
        MqttTool.PublishAsync(server.TlsPort, version, key, Topic, Good, ["--cafile", CertificateFile, .. options]);

    private void Write(params X509Certificate2[] chain)
    {
        var certificate = chain[0];
        File.WriteAllText(CertificateFile, string.Join('\n', chain.Select(one => one.ExportCertificatePem())));
        File.WriteAllText(KeyFile, certificate.KeyPem());
    }
}
