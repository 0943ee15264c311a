using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using IotBackend.Domain.Access;
using IotBackend.IntegrationTests.Hosting;
using IotBackend.IntegrationTests.Security;
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

        // What the API itself makes and tells once.
        var made = await server.Client(admin).PostAsJsonAsync("/admin/keys", new { name = "made", scopes = new[] { "measurements:read" } }, Cancellation);
        var created = (await made.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).Text("key")!;
        var turned = await server.Client(admin).PostAsync($"/admin/keys/{created[4..16]}/rotate", null, Cancellation);
        var rotated = (await turned.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).Text("key")!;
        var wrong = AccessServer.WithOtherSecret(created);
        foreach (var key in new[] { created, rotated, wrong })
            await Try(server.Client(key), "/measurements");
        using var twice = new HttpRequestMessage(HttpMethod.Get, "/measurements");
        twice.Headers.Authorization = new("Bearer", wrong);
        (await server.Client(created).SendAsync(twice, Cancellation)).Dispose();
        await server.Client(admin).PostAsJsonAsync("/admin/keys", new { name = "n", key = wrong, secret = wrong }, Cancellation);
        await Eventually.TrueAsync(() => server.LogLines.Any(line => line.Contains("authentication.fail: wrong_secret", StringComparison.Ordinal)), "the security log has been written");

        server.BreakKeyStore();
        var inOutage = AccessServer.NewToken();
        await Try(server.Client(inOutage), "/measurements");

        var lines = server.LogLines.ToList();
        Assert.Contains(lines, line => line.StartsWith("Trace", StringComparison.Ordinal) || line.StartsWith("Debug", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("invalid_credentials", StringComparison.Ordinal));
        foreach (var key in new[] { admin, limited, unknown, revoked, inOutage, created, rotated, wrong })
            Assert.DoesNotContain(lines, line => line.Contains(SecretOf(key), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Passwords_and_tokens_of_databases_are_logged_at_no_level()
    {
        const string password = "pa55word-of-the-database";
        await using var influx = await LyingInflux.StartAsync(LyingInflux.Lies["refusal with internals"], Cancellation);
        foreach (var version in new[] { "1", "2", "3" })
        {
            await using var server = await AccessServer.StartAsync(
                null, "--Logging:LogLevel:Default=Trace", "--Logging:LogLevel:Microsoft=Trace", "--Logging:LogLevel:System=Trace", "--Logging:LogLevel:Polly=Trace",
                "--Logging:Console:LogLevel:Default=None", "--Measurements:Store=InfluxDb", $"--Measurements:InfluxDb:Url={influx.Url}", $"--Measurements:InfluxDb:Version={version}",
                "--Measurements:InfluxDb:Organization=o", $"--Measurements:InfluxDb:Token={password}", "--Measurements:InfluxDb:Username=u", $"--Measurements:InfluxDb:Password={password}");
            var admin = server.Client(server.AdminKey);
            await Try(admin, "/measurements");
            await Try(admin, "/admin/buckets");
            await Try(admin, "/health");
            await admin.PostAsJsonAsync("/measurement", new { device = "d", fields = new { a = 1 } }, Cancellation);
            Assert.Contains(server.LogLines, line => line.Contains("InfluxDB", StringComparison.Ordinal));
            var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes("u:" + password));
            Assert.DoesNotContain(server.LogLines, line => line.Contains(password, StringComparison.Ordinal) || line.Contains(encoded, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Connection_string_is_told_neither_by_a_start_that_fails_nor_in_the_log()
    {
        const string password = "pa55word-of-the-key-store";
        foreach (var connection in new[] { $"Host=127.0.0.1;Port=1;Database=keys;Username=u;Password={password}", $"Nonsense={password}" })
        {
            var settings = new Dictionary<string, string>
            {
                ["Logging:LogLevel:Default"] = "Trace",
                ["KeyStore:Provider"] = "PostgreSql",
                ["KeyStore:ConnectionString"] = connection,
            };
            var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => IotServer.StartAsync(new() { Settings = settings }));
            Assert.Contains("KeyStore", failure.Message, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(password, failure.ToString(), StringComparison.Ordinal);
        }
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
