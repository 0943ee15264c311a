using System.Net.Security;
using System.Net.Sockets;
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

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private readonly TemporaryFolder _files = new();

    private string CertificateFile => _files.Combine("cert.pem");

    private string KeyFile => _files.Combine("key.pem");

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("mqttv311", "tlsv1.2")]
    [InlineData("mqttv5", "tlsv1.3")]
    public async Task Message_comes_under_tls_of_both_versions(string version, string tls)
    {
        Write(TestCertificate.Create("localhost"));
        await using var server = await StartAsync();
        (await PublishAsync(server, version, server.Program.AdminKey, "--tls-version", tls)).ShouldSucceed();
        await server.ShouldHoldAsync(1);
    }

    [Fact]
    public async Task Old_version_is_refused_when_the_setting_says_so_and_open_connections_need_their_own_port()
    {
        Write(TestCertificate.Create("localhost"));
        await using var server = await StartAsync("--Mqtt:MinimumProtocol=Tls13");
        Assert.NotEqual(0, (await PublishAsync(server, "mqttv5", server.Program.AdminKey, "--tls-version", "tlsv1.2")).ExitCode);
        Assert.NotEqual(0, (await MqttTool.PublishAsync(server.TlsPort, "mqttv5", server.Program.AdminKey, Topic, Good)).ExitCode);
        (await PublishAsync(server, "mqttv5", server.Program.AdminKey, "--tls-version", "tlsv1.3")).ShouldSucceed();
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
    private static async Task<IReadOnlyList<string>> ShownAsync(int port)
    {
        var shown = new List<string>();
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port, Cancel);
        await using var connection = new SslStream(client.GetStream());
        await connection.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
                {
                    shown.AddRange([certificate!.Subject, .. chain!.ChainPolicy.ExtraStore.Select(one => one.Subject)]);
                    return true;
                },
            },
            Cancel);
        return shown;
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
