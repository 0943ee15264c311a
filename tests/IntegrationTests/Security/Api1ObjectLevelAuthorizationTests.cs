using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using IotBackend.Domain.Access;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Security;

/// <summary>OWASP API1:2023, broken object level authorization: a key limited to some devices, and all the others.</summary>
public sealed class Api1ObjectLevelAuthorizationTests(AccessServerFixture fixture) : IClassFixture<AccessServerFixture>
{
    private const string Hidden = "hidden-98765";
    private const string Absent = "absent-43210";

    private readonly AccessServer _server = fixture.Server;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_endpoint_shows_another_device()
    {
        await StoreHiddenAsync();
        foreach (var scopes in new[] { Scopes.MeasurementsRead | Scopes.MeasurementsWrite | Scopes.MeasurementsDelete, Scopes.Admin })
        {
            var client = await LimitedAsync(scopes);
            foreach (var operation in (await ApiOperation.AllAsync(_server)).Where(operation => operation.NeedsKey && !operation.IsStream))
            {
                using var response = await client.SendAsync(operation.ToRequest(operation.HasParameter("limit") ? $"?limit={operation.MaximumOf("limit")}" : ""), Cancellation);
                var body = await response.Content.ReadAsStringAsync(Cancellation);
                Assert.False(body.Contains(Hidden, StringComparison.Ordinal), $"{operation} shows the device to a key with {scopes}: {body}");
            }
        }

        Assert.Equal(1, await CountHiddenAsync());
    }

    [Fact]
    public async Task Every_endpoint_that_takes_a_device_refuses_another_in_the_same_words_whether_it_exists_or_not()
    {
        await StoreHiddenAsync();
        var client = await LimitedAsync(Scopes.Admin);
        var checkedOperations = 0;
        foreach (var operation in (await ApiOperation.AllAsync(_server)).Where(operation => operation.NeedsKey && operation.HasParameter("device")))
        {
            var refusals = new List<string>();
            foreach (var device in new[] { Hidden, Absent })
            {
                var response = await client.SendAsync(operation.ToRequest($"?device={device}"), Cancellation);
                var error = await response.ShouldFailAsync(HttpStatusCode.Forbidden, "device_not_allowed");
                refusals.Add(error.Message.Replace(device, "*", StringComparison.Ordinal) + error.Details);
            }

            Assert.Single(refusals.Distinct());
            checkedOperations++;
        }

        Assert.True(checkedOperations >= 2);
    }

    [Fact]
    public async Task Another_device_is_neither_written_nor_deleted()
    {
        await StoreHiddenAsync();
        var client = await LimitedAsync(Scopes.Admin);
        var refusals = new List<string>();
        foreach (var device in new[] { Hidden, Absent })
        {
            object measurement = new { device, fields = new { temperature = 99 } };
            var single = await (await client.PostAsJsonAsync("/measurement", measurement, Cancellation)).ShouldFailAsync(HttpStatusCode.Forbidden, "device_not_allowed");
            var batch = await (await client.PostAsJsonAsync("/measurements", new[] { measurement }, Cancellation)).ShouldFailAsync(HttpStatusCode.Forbidden, "device_not_allowed");
            refusals.AddRange([single.Message.Replace(device, "*", StringComparison.Ordinal), batch.Message.Replace(device, "*", StringComparison.Ordinal)]);
        }

        Assert.Equal([refusals[0], refusals[1]], [refusals[2], refusals[3]]);
        foreach (var operation in (await ApiOperation.AllAsync(_server)).Where(operation => operation.Method == HttpMethod.Delete))
            (await client.SendAsync(operation.ToRequest(), Cancellation)).Dispose();
        await (await client.DeleteAsync("/admin/buckets/default?confirm=default", Cancellation)).ShouldFailAsync(HttpStatusCode.Forbidden, "device_not_allowed");
        Assert.Equal(1, await CountHiddenAsync());
    }

    [Fact]
    public async Task Limited_administrator_neither_sees_nor_touches_wider_keys_the_audit_log_or_blocks()
    {
        var client = await LimitedAsync(Scopes.Admin);
        var admin = _server.AdminKey[4..16];
        await (await client.GetAsync($"/admin/keys/{admin}", Cancellation)).ShouldFailAsync(HttpStatusCode.NotFound, "not_found");
        await (await client.DeleteAsync($"/admin/keys/{admin}", Cancellation)).ShouldFailAsync(HttpStatusCode.NotFound, "not_found");
        Assert.DoesNotContain(admin, await client.GetStringAsync("/admin/keys?limit=1000", Cancellation), StringComparison.Ordinal);
        await (await client.GetAsync("/admin/audit", Cancellation)).ShouldFailAsync(HttpStatusCode.Forbidden, "device_not_allowed");
        await (await client.GetAsync("/admin/blocks", Cancellation)).ShouldFailAsync(HttpStatusCode.Forbidden, "device_not_allowed");
        await (await client.PostAsJsonAsync("/admin/blocks", new { kind = "key", value = admin, reason = "because" }, Cancellation)).ShouldFailAsync(HttpStatusCode.Forbidden, "device_not_allowed");
        var wider = new { name = "wider", scopes = new[] { "admin" } };
        await (await client.PostAsJsonAsync("/admin/keys", wider, Cancellation)).ShouldFailAsync(HttpStatusCode.Forbidden, "device_not_allowed");
    }

    [Theory]
    [InlineData("greenhouse-1%00")]
    [InlineData("greenhouse-1/../hidden-98765")]
    [InlineData("GREENHOUSE-1")]
    [InlineData("%20greenhouse-1")]
    [InlineData("greenhouse")]
    [InlineData("*")]
    [InlineData("%E2%80%8Bgreenhouse-1")]
    [InlineData("ｇreenhouse-1")]
    public async Task Tricks_with_names_lead_to_no_other_device(string device)
    {
        await StoreHiddenAsync();
        var client = await LimitedAsync(Scopes.MeasurementsRead);
        using var response = await client.GetAsync($"/measurements?device={device}", Cancellation);
        var body = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.BadRequest || body.Contains("\"items\":[]", StringComparison.Ordinal), body);
    }

    private Task<HttpClient> LimitedAsync(Scopes scopes) => _server.ClientForAsync(key => key with { Scopes = scopes, Devices = [DevicePattern.Parse("greenhouse-*")] });

    private async Task StoreHiddenAsync()
    {
        var measurement = new { device = Hidden, timestamp = TimeProvider.System.GetUtcNow().UtcDateTime.Date.ToString("yyyy-MM-dd'T'00:00:00'Z'", System.Globalization.CultureInfo.InvariantCulture), fields = new { temperature = 1 } };
        await (await _server.Client(_server.AdminKey).PostAsJsonAsync("/measurement", measurement, Cancellation)).ShouldBeAsync(HttpStatusCode.Created);
    }

    private async Task<int> CountHiddenAsync() =>
        (await _server.Client(_server.AdminKey).GetFromJsonAsync<JsonElement>($"/measurements?device={Hidden}&from=-2d", Cancellation)).GetProperty("items").GetArrayLength();
}
