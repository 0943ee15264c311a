using System.Net;
using System.Security.Cryptography.X509Certificates;
using IotBackend.Domain.ApiKeys;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Tls;

public sealed class ClientCertificateTests
{
    private const string Closed = "/measurements/latest";
    private const string Accepted = "--Https:ClientCertificates=Accepted";

    private readonly X509Certificate2 _certificate = TestCertificate.Create("device");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Certificate_of_a_key_lets_in_as_that_key()
    {
        await using var server = await HttpsServer.StartAsync(Accepted);
        await server.Program.AddKeyAsync(key => key with { Certificates = [FingerprintOf(_certificate)], Devices = [Domain.Access.DevicePattern.Parse("greenhouse-*")] });

        await (await server.Client(_certificate).GetAsync(Closed + "?device=greenhouse-1", Cancellation)).ShouldBeAsync(HttpStatusCode.OK);
        var other = await server.Client(_certificate).GetAsync(Closed + "?device=office-1", Cancellation);
        await other.ShouldFailAsync(HttpStatusCode.Forbidden, "device_not_allowed");
    }

    [Fact]
    public async Task Without_key_and_certificate_a_request_is_told_to_present_a_key()
    {
        await using var server = await HttpsServer.StartAsync(Accepted);
        await (await server.Client().GetAsync(Closed, Cancellation)).ShouldFailAsync(HttpStatusCode.Unauthorized, "missing_credentials");
    }

    [Fact]
    public async Task Unknown_certificate_is_refused_also_when_it_bears_the_name_of_a_known_one()
    {
        await using var server = await HttpsServer.StartAsync(Accepted);
        await server.Program.AddKeyAsync(key => key with { Certificates = [FingerprintOf(_certificate)] });
        var impostor = TestCertificate.Create("device");

        await (await server.Client(impostor).GetAsync(Closed, Cancellation)).ShouldFailAsync(HttpStatusCode.Unauthorized, "invalid_credentials");
        await (await server.Client(impostor).GetAsync("/health/live", Cancellation)).ShouldBeAsync(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(-3, -1)]
    [InlineData(1, 3)]
    public async Task Certificate_outside_of_its_time_is_refused(int fromDays, int untilDays)
    {
        await using var server = await HttpsServer.StartAsync(Accepted);
        var now = TimeProvider.System.GetUtcNow();
        var certificate = TestCertificate.Create("device", now.AddDays(fromDays), now.AddDays(untilDays));
        await server.Program.AddKeyAsync(key => key with { Certificates = [FingerprintOf(certificate)] });

        await (await server.Client(certificate).GetAsync(Closed, Cancellation)).ShouldFailAsync(HttpStatusCode.Unauthorized, "invalid_credentials");
    }

    [Fact]
    public async Task Key_that_a_request_presents_counts_and_not_the_certificate()
    {
        await using var server = await HttpsServer.StartAsync(Accepted);
        await server.Program.AddKeyAsync(key => key with { Certificates = [FingerprintOf(_certificate)] });
        using var request = new HttpRequestMessage(HttpMethod.Get, Closed);
        request.Headers.Add("X-API-Key", AccessServer.NewToken());

        await (await server.Client(_certificate).SendAsync(request, Cancellation)).ShouldFailAsync(HttpStatusCode.Unauthorized, "invalid_credentials");
    }

    [Fact]
    public async Task Revoked_and_expired_keys_open_to_no_certificate()
    {
        await using var server = await HttpsServer.StartAsync(Accepted);
        var now = TimeProvider.System.GetUtcNow();
        var other = TestCertificate.Create("other");
        await server.Program.AddKeyAsync(key => key with { Certificates = [FingerprintOf(_certificate)], RevokedAt = now });
        await server.Program.AddKeyAsync(key => key with { Certificates = [FingerprintOf(other)], ExpiresAt = now });

        await (await server.Client(_certificate).GetAsync(Closed, Cancellation)).ShouldFailAsync(HttpStatusCode.Unauthorized, "invalid_credentials");
        await (await server.Client(other).GetAsync(Closed, Cancellation)).ShouldFailAsync(HttpStatusCode.Unauthorized, "invalid_credentials");
    }

    [Fact]
    public async Task Networks_of_the_key_hold_for_its_certificate()
    {
        await using var server = await HttpsServer.StartAsync(Accepted);
        await server.Program.AddKeyAsync(key => key with { Certificates = [FingerprintOf(_certificate)], Networks = [IPNetwork.Parse("192.0.2.0/24")] });

        await (await server.Client(_certificate).GetAsync(Closed, Cancellation)).ShouldFailAsync(HttpStatusCode.Forbidden, "network_not_allowed");
    }

    [Fact]
    public async Task Unless_it_is_switched_on_a_certificate_is_not_asked_for()
    {
        await using var server = await HttpsServer.StartAsync();
        await server.Program.AddKeyAsync(key => key with { Certificates = [FingerprintOf(_certificate)] });

        await (await server.Client(_certificate).GetAsync(Closed, Cancellation)).ShouldFailAsync(HttpStatusCode.Unauthorized, "missing_credentials");
    }

    [Fact]
    public async Task Where_it_is_required_a_connection_without_one_is_refused()
    {
        await using var server = await HttpsServer.StartAsync("--Https:ClientCertificates=Required");

        await Assert.ThrowsAsync<HttpRequestException>(() => server.Client().GetAsync("/health/live", Cancellation));
        await (await server.Client(_certificate).GetAsync("/health/live", Cancellation)).ShouldBeAsync(HttpStatusCode.OK);
    }

    private static CertificateFingerprint FingerprintOf(X509Certificate2 certificate) => CertificateFingerprint.Of(certificate.RawData);
}
