using System.Net;
using System.Net.Http.Json;
using IotBackend.Domain.Access;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Security;

/// <summary>OWASP API6:2023, unrestricted access to sensitive business flows: what would lose data or lock everyone out is not done in passing.</summary>
public sealed class Api6BusinessFlowTests(AccessServerFixture fixture) : IClassFixture<AccessServerFixture>
{
    private readonly AccessServer _server = fixture.Server;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private HttpClient Admin => _server.Client(_server.AdminKey);

    [Fact]
    public async Task Bucket_is_deleted_by_naming_it_twice_only()
    {
        await Admin.PutAsJsonAsync("/admin/buckets/flow", new { }, Cancellation);
        foreach (var confirmation in new[] { "", "?confirm=", "?confirm=true", "?confirm=FLOW", "?confirm=flow%20" })
            await (await Admin.DeleteAsync("/admin/buckets/flow" + confirmation, Cancellation)).ShouldFailAsync(HttpStatusCode.BadRequest, "confirmation_required");
        await (await Admin.GetAsync("/admin/buckets/flow", Cancellation)).ShouldBeAsync(HttpStatusCode.OK);
        await (await Admin.DeleteAsync("/admin/buckets/default?confirm=default", Cancellation)).ShouldFailAsync(HttpStatusCode.Conflict, "conflict");
    }

    [Fact]
    public async Task Nobody_locks_himself_out()
    {
        await using var server = await AccessServer.StartAsync();
        var (admin, id) = (server.Client(server.AdminKey), server.AdminKey[4..16]);
        await (await admin.DeleteAsync($"/admin/keys/{id}", Cancellation)).ShouldFailAsync(HttpStatusCode.Conflict, "conflict");
        await (await admin.PatchAsJsonAsync($"/admin/keys/{id}", new { scopes = new[] { "metrics:read" } }, Cancellation)).ShouldFailAsync(HttpStatusCode.Conflict, "conflict");
        await (await admin.PostAsJsonAsync("/admin/blocks", new { kind = "key", value = id, reason = "because" }, Cancellation)).ShouldFailAsync(HttpStatusCode.Conflict, "conflict");
        await (await admin.GetAsync("/admin/keys", Cancellation)).ShouldBeAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Key_gives_no_more_than_it_has_however_often_it_is_passed_on()
    {
        var limited = await _server.ClientForAsync(key => key with { Scopes = Scopes.Admin, Devices = [DevicePattern.Parse("greenhouse-*")] });
        foreach (var devices in new[] { [], new[] { "*" }, ["greenhouse-1", "other"], ["greenhous*"] })
        {
            var response = await limited.PostAsJsonAsync("/admin/keys", new { name = "more", scopes = new[] { "measurements:read" }, devices }, Cancellation);
            Assert.True(response.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.BadRequest, $"{string.Join(", ", devices)}: {(int)response.StatusCode}");
        }
    }

    [Fact]
    public async Task Same_measurement_sent_again_and_again_is_one()
    {
        var measurement = new { device = "again", timestamp = "2026-01-01T00:00:00Z", fields = new { a = 1 } };
        for (var i = 0; i < 5; i++)
            await (await Admin.PostAsJsonAsync("/measurement", measurement, Cancellation)).ShouldBeAsync(HttpStatusCode.Created);
        var page = await Admin.GetFromJsonAsync<System.Text.Json.JsonElement>("/measurements?device=again&from=2025-12-31T00:00:00Z", Cancellation);
        Assert.Equal(1, page.GetProperty("items").GetArrayLength());
    }
}
