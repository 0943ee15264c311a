using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Security;

/// <summary>OWASP API7:2023, server-side request forgery: the program calls no address that comes in a request, wherever it stands.</summary>
public sealed class Api7ServerSideRequestForgeryTests(AccessServerFixture fixture) : IClassFixture<AccessServerFixture>
{
    private static readonly string[] Headers =
        ["Host", "Origin", "Referer", "X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "X-Original-URL", "X-Rewrite-URL", "Link", "X-Request-ID", "traceparent", "Location", "From", "True-Client-IP"];

    private readonly AccessServer _server = fixture.Server;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_operation_calls_what_a_request_names()
    {
        using var trap = new TcpListener(IPAddress.Loopback, 0);
        trap.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)trap.LocalEndpoint).Port}/trap";
        foreach (var operation in (await ApiOperation.AllAsync(_server)).Where(operation => operation.NeedsKey && !operation.IsStream))
        {
            await TryAsync(operation.ToRequest("?device=" + Uri.EscapeDataString(address)));
            if (operation.BodySchema is not null)
                await TryAsync(operation.ToRequest(new JsonObject([.. operation.BodyMembers().Select(member => KeyValuePair.Create(member, (JsonNode?)address))])));
        }

        foreach (var header in Headers)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/measurements");
            request.Headers.TryAddWithoutValidation(header, address);
            await TryAsync(request);
        }

        var admin = _server.Client(_server.AdminKey);
        await admin.PostAsJsonAsync("/measurement", new { device = address, name = address, fields = new Dictionary<string, string> { [address] = address }, tags = new { url = address } }, Cancellation);
        await admin.PutAsJsonAsync("/admin/buckets/" + Uri.EscapeDataString(address), new { description = address }, Cancellation);
        await admin.PostAsJsonAsync("/admin/keys", new { name = address, notes = address, scopes = new[] { "measurements:read" } }, Cancellation);
        await (await admin.GetAsync("/measurements?device=" + Uri.EscapeDataString(address), Cancellation)).ShouldBeAsync(HttpStatusCode.OK);

        // Whoever wanted to call has had the time: what is done in the background is done every second.
        await Eventually.PauseAsync(TimeSpan.FromSeconds(2));
        Assert.False(trap.Pending(), "The program called an address from a request.");
    }

    private async Task TryAsync(HttpRequestMessage request)
    {
        using (request)
            (await _server.Client(_server.AdminKey).SendAsync(request, Cancellation)).Dispose();
    }
}
