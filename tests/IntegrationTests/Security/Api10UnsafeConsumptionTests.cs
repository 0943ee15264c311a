using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace IotBackend.IntegrationTests.Security;

/// <summary>OWASP API10:2023, unsafe consumption of APIs: an InfluxDB that lies is an outage of the database, not of the program.</summary>
[Collection(AloneCollection.Name)]
public sealed class Api10UnsafeConsumptionTests
{
    private static readonly (HttpMethod Method, string Address)[] Requests =
    [
        (HttpMethod.Get, "/measurements"), (HttpMethod.Get, "/measurements/latest?device=d"), (HttpMethod.Get, "/admin/buckets"), (HttpMethod.Get, "/admin/buckets/default"),
        (HttpMethod.Post, "/measurement"), (HttpMethod.Put, "/admin/buckets/lied-to"), (HttpMethod.Get, "/health"), (HttpMethod.Get, "/admin/spool"),
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Lies => [.. LyingInflux.Lies.Keys];

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task Lie_becomes_no_internal_error_and_its_words_are_not_passed_on(string lie)
    {
        await using var influx = await LyingInflux.StartAsync(LyingInflux.Lies[lie], Cancellation);
        await using var server = await StartAsync(influx.Url);
        foreach (var (status, request, text) in await AskAllAsync(server))
        {
            Assert.True(status != HttpStatusCode.InternalServerError, $"{request}: {text}");
            Assert.DoesNotContain(LyingInflux.Internal, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Answer_without_end_is_not_heard_out()
    {
        await using var influx = new EndlessInflux();
        await using var server = await StartAsync(influx.Url);
        Assert.DoesNotContain(await AskAllAsync(server), answer => answer.Status == HttpStatusCode.InternalServerError);

        // 256 MiB, and what lies in the connection's buffers.
        Assert.InRange(influx.LongestAnswer, 1, 300 << 20);
    }

    [Fact]
    public async Task Redirection_is_not_followed()
    {
        using var elsewhere = new TcpListener(IPAddress.Loopback, 0);
        elsewhere.Start();
        var target = $"http://127.0.0.1:{((IPEndPoint)elsewhere.LocalEndpoint).Port}/";
        await using var influx = await LyingInflux.StartAsync(
            context =>
            {
                (context.Response.StatusCode, context.Response.Headers.Location) = (StatusCodes.Status307TemporaryRedirect, target);
                return Task.CompletedTask;
            },
            Cancellation);
        await using var server = await StartAsync(influx.Url);
        var client = server.Client(server.AdminKey);
        Assert.False((await client.GetAsync("/measurements", Cancellation)).IsSuccessStatusCode);
        (await client.PostAsJsonAsync("/measurement", new { device = "d", fields = new { a = 1 } }, Cancellation)).Dispose();
        Assert.False(elsewhere.Pending(), "The program went where a database sent it, with its credentials.");
    }

    private static async Task<List<(HttpStatusCode Status, string Request, string Text)>> AskAllAsync(AccessServer server)
    {
        var client = server.Client(server.AdminKey);
        var answers = new List<(HttpStatusCode, string, string)>();
        foreach (var (method, address) in Requests)
        {
            using var request = new HttpRequestMessage(method, address);
            if (method == HttpMethod.Post)
                request.Content = JsonContent.Create(new { device = "d", fields = new { a = 1 } });
            if (method == HttpMethod.Put)
                request.Content = JsonContent.Create(new { });
            using var response = await client.SendAsync(request, Cancellation);
            answers.Add((response.StatusCode, $"{method} {address}", response.Headers + await response.Content.ReadAsStringAsync(Cancellation)));
        }

        return answers;
    }

    private static Task<AccessServer> StartAsync(Uri influx) => AccessServer.StartAsync(
        null, "--Measurements:Store=InfluxDb", $"--Measurements:InfluxDb:Url={influx}", "--Measurements:InfluxDb:Version=1", "--Measurements:InfluxDb:TimeoutSeconds=2", "--Measurements:InfluxDb:QueryTimeoutSeconds=5");
}
