using System.Net;
using IotBackend.Domain.Access;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Measurements;

/// <summary>The administration of the spool where there is none, because the embedded store needs none.</summary>
public sealed class SpoolTests(AccessServerFixture fixture) : IClassFixture<AccessServerFixture>
{
    private readonly AccessServer _server = fixture.Server;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Endpoints => new()
    {
        { "GET", "/admin/spool" },
        { "GET", "/admin/spool/refused" },
        { "POST", "/admin/spool/refused/1/replay" },
        { "POST", "/admin/spool/replay" },
        { "DELETE", "/admin/spool/refused/1" },
    };

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task Without_a_spool_there_is_nothing_to_administer(string method, string path)
    {
        var error = await (await SendAsync(_server.Client(_server.AdminKey), method, path)).ShouldFailAsync(HttpStatusCode.NotFound, "not_found");

        Assert.Contains("no spool", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task It_takes_the_scope_admin(string method, string path)
    {
        const Scopes others = Scopes.MeasurementsRead | Scopes.MeasurementsWrite | Scopes.MeasurementsDelete | Scopes.CacheManage | Scopes.MetricsRead;
        var client = await _server.ClientForAsync(key => key with { Scopes = others });

        var error = await (await SendAsync(client, method, path + "?nonsense=1")).ShouldFailAsync(HttpStatusCode.Forbidden, "insufficient_scope");

        Assert.Equal("admin", error.Details?.GetProperty("requiredScope").GetString());
    }

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task It_takes_a_key(string method, string path) =>
        await (await SendAsync(_server.Client(), method, path)).ShouldFailAsync(HttpStatusCode.Unauthorized, "missing_credentials");

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task An_unknown_parameter_is_refused(string method, string path)
    {
        var error = await (await SendAsync(_server.Client(_server.AdminKey), method, path + "?bucket=a"))
            .ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_parameter");

        error.ShouldTell("bucket", "invalid_parameter");
    }

    [Theory]
    [InlineData("DELETE", "/admin/spool/refused/one")]
    [InlineData("DELETE", "/admin/spool/refused/1.5")]
    [InlineData("DELETE", "/admin/spool/refused/9223372036854775808")]
    [InlineData("POST", "/admin/spool/refused/one/replay")]
    public async Task An_id_that_is_no_number_is_nothing_there(string method, string path) =>
        await (await SendAsync(_server.Client(_server.AdminKey), method, path)).ShouldFailAsync(HttpStatusCode.NotFound, "not_found");

    [Theory]
    [InlineData("?limit=0", "limit", "invalid_parameter")]
    [InlineData("?limit=1001", "limit", "invalid_parameter")]
    [InlineData("?cursor=41", "cursor", "invalid_cursor")]
    public async Task A_page_takes_what_its_parameters_allow(string query, string parameter, string code)
    {
        var error = await (await SendAsync(_server.Client(_server.AdminKey), "GET", "/admin/spool/refused" + query))
            .ShouldFailAsync(HttpStatusCode.BadRequest, code);

        error.ShouldTell(parameter, code);
    }

    [Fact]
    public async Task It_is_no_part_of_the_health() =>
        Assert.DoesNotContain("spool", await _server.Client().GetStringAsync(new Uri("health", UriKind.Relative), Cancel), StringComparison.Ordinal);

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        return await client.SendAsync(request, Cancel);
    }
}
