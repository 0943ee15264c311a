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
        var before = File.ReadAllText(CertificateFile);

        var (issuer, issued) = TestCertificate.CreateChain("issuer", "renewed");
        Write(issued);
        File.AppendAllText(CertificateFile, "\n" + issuer.ExportCertificatePem());
        await Eventually.TrueAsync(
            async () =>
            {
                using var connection = new System.Net.Security.SslStream(await ConnectAsync(server.TlsPort));
                await connection.AuthenticateAsClientAsync(AnyServer(), TestContext.Current.CancellationToken);
                return connection.RemoteCertificate!.Subject == "CN=renewed";
            },
            "new connections get the new certificate");
        Assert.NotEqual(before, File.ReadAllText(CertificateFile));
    }

    [Fact]
    public async Task Client_certificate_stands_for_a_key()
    {
        Write(TestCertificate.Create("localhost"));
        await using var server = await StartAsync("--Https:ClientCertificates=Accepted");
        using var device = TestCertificate.Create("device");
        await server.Program.AddKeyAsync(key => key with { Certificates = [CertificateFingerprint.Of(device.RawData)] });
        File.WriteAllText(_files.Combine("device.pem"), device.ExportCertificatePem());
        File.WriteAllText(_files.Combine("device-key.pem"), device.KeyPem());

        (await PublishAsync(server, "mqttv311", null, "--cert", _files.Combine("device.pem"), "--key", _files.Combine("device-key.pem"))).ShouldSucceed();
        Assert.NotEqual(0, (await PublishAsync(server, "mqttv311", null)).ExitCode);
        await server.ShouldHoldAsync(1);
    }

    private static System.Net.Security.SslClientAuthenticationOptions AnyServer() => new()
    {
        TargetHost = "localhost",
#pragma warning disable CA5359 // The certificates of these tests have signed themselves.
        RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
    };

    private static async Task<Stream> ConnectAsync(int port)
    {
        var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync("127.0.0.1", port, TestContext.Current.CancellationToken);
        return client.GetStream();
    }

    private Task<MqttServerUnderTest> StartAsync(params string[] settings) => MqttServerUnderTest.StartAsync(
    [
        "--Mqtt:Transport=Both", $"--Kestrel:Certificates:Default:Path={CertificateFile}", $"--Kestrel:Certificates:Default:KeyPath={KeyFile}",
        "--Https:CertificateCheckSeconds=0.05", .. settings,
    ]);

    private Task<MqttToolRun> PublishAsync(MqttServerUnderTest server, string version, string? key, params string[] options) =>
        MqttTool.PublishAsync(server.TlsPort, version, key, Topic, Good, ["--cafile", CertificateFile, .. options]);

    private void Write(X509Certificate2 certificate)
    {
        File.WriteAllText(CertificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(KeyFile, certificate.KeyPem());
    }
}
