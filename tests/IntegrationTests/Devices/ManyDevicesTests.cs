using System.Net;
using System.Text;
using IotBackend.Domain.Access;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Caching;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Devices;

[Collection(AloneCollection.Name)]
public sealed class ManyDevicesTests(ITestOutputHelper output)
{
    private const int Many = 100_000;
    private const int Batch = 10_000;
    private const int Rounds = 30;

    private static readonly TimeSpan Goal = TimeSpan.FromMilliseconds(10);

    [Fact]
    public async Task Hundred_thousand_devices_are_listed_in_less_than_ten_milliseconds()
    {
        await using var server = await AccessServer.StartAsync();
        var admin = server.Client(server.AdminKey);
        for (var start = 0; start < Many; start += Batch)
        {
            var body = new StringBuilder("[");
            for (var i = start; i < start + Batch; i++)
                body.Append(i == start ? "" : ",").Append("{\"device\":\"").Append(i % 10 == 0 ? "greenhouse-" : "field-").Append(i).Append("\",\"timestamp\":1,\"fields\":{\"v\":1}}");
            using var stored = await admin.PostJsonAsync(Posting.Many, body.Append(']').ToString());
            await stored.ShouldBeAsync(HttpStatusCode.Created);
        }

        var limited = await server.LimitedClientAsync("greenhouse-*", Scopes.MeasurementsRead);
        foreach (var (client, address) in new[]
        {
            (admin, "/devices"), (admin, "/devices?limit=1000"), (admin, "/devices?prefix=greenhouse-9"), (admin, "/devices?inactiveSince=-1h"),
            (admin, "/devices?activeSince=-1h&inactiveSince=-50m"), (limited, "/devices"), (limited, "/devices?inactiveSince=-1h"), (admin, "/devices/field-12345"),
        })
        {
            await AssertQuickAsync(client, address);
        }
    }

    // The quickest of some that the cache can not answer, since each comes after a write: a machine that is busy with other things slows some down.
    private async Task AssertQuickAsync(HttpClient client, string address)
    {
        var quickest = TimeSpan.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var began = TimeProvider.System.GetTimestamp();
            using var response = await client.GetAsync($"{address}{(address.Contains('?', StringComparison.Ordinal) ? '&' : '?')}bucket=default{new string('&', round)}", TestContext.Current.CancellationToken);
            var took = TimeProvider.System.GetElapsedTime(began);
            await response.ShouldBeAsync(HttpStatusCode.OK);
            Assert.Contains("; fwd=miss", response.CacheStatus(), StringComparison.Ordinal);
            quickest = took < quickest ? took : quickest;
        }

        output.WriteLine($"{address}: {quickest.TotalMilliseconds:N2} ms");
        Assert.InRange(quickest, TimeSpan.Zero, Goal);
    }
}
