using System.Net;
using System.Net.Http.Json;
using System.Text;
using IotBackend.Domain.Access;
using Xunit;

namespace IotBackend.IntegrationTests.Access;

public sealed class SecretsStaySecretTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("iotbackend-secrets-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task No_secret_is_logged_at_any_level()
    {
        await using var server = await AccessServer.StartAsync(
            null, "--Logging:LogLevel:Default=Trace", "--Logging:LogLevel:Microsoft=Trace", "--Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics=Trace",
            "--Logging:LogLevel:ZiggyCreatures=Trace", "--Logging:Console:LogLevel:Default=None");
        var admin = server.AdminKey;
        var limited = await server.AddKeyAsync(key => key with { Scopes = Scopes.MeasurementsRead });
        var unknown = AccessServer.NewToken();
        var revoked = await server.AddKeyAsync(key => key with { RevokedAt = key.CreatedAt });
        foreach (var key in new[] { admin, limited, unknown, revoked })
        {
            await Try(server.Client(key), "/measurements");
            await Try(server.Client(), "/measurements?token=" + key);
            await Try(server.Client(), "/write?u=x&p=" + key);
            await server.Client(key).PostAsJsonAsync("/measurement", new { device = "d", fields = new { a = 1 } }, Cancellation);
        }

        server.BreakKeyStore();
        var inOutage = AccessServer.NewToken();
        await Try(server.Client(inOutage), "/measurements");

        var lines = server.LogLines.ToList();
        Assert.Contains(lines, line => line.StartsWith("Trace", StringComparison.Ordinal) || line.StartsWith("Debug", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("invalid_credentials", StringComparison.Ordinal));
        foreach (var key in new[] { admin, limited, unknown, revoked, inOutage })
            Assert.DoesNotContain(lines, line => line.Contains(SecretOf(key), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Secret_is_in_no_file_but_the_admin_key_file()
    {
        string admin, other;
        await using (var server = await AccessServer.StartAsync(_folder))
        {
            (admin, other) = (server.AdminKey, await server.AddKeyAsync());
            foreach (var key in new[] { admin, other })
                await (await server.Client(key).GetAsync("/measurements", Cancellation)).ShouldBeAsync(HttpStatusCode.OK);
        }

        var files = Directory.GetFiles(_folder, "*", SearchOption.AllDirectories);
        Assert.Contains(files, file => Holds(file, admin[4..16]));
        Assert.Contains(files, file => Holds(file, other[4..16]));
        Assert.Equal(["admin.key"], files.Where(file => Holds(file, SecretOf(admin)[..32]) || Holds(file, SecretOf(other)[..32])).Select(Path.GetFileName));
    }

    private static string SecretOf(string key) => key[17..];

    private static bool Holds(string file, string text) => File.ReadAllText(file, Encoding.Latin1).Contains(text, StringComparison.Ordinal);

    private static async Task Try(HttpClient client, string address) => (await client.GetAsync(address, Cancellation)).Dispose();
}
