using System.Net;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Caching;
using IotBackend.IntegrationTests.Faults;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Measurements;

public sealed class DeletionOutageTests
{
    private const string Address = "/measurements?device=d&to=2020-01-16T00:00:00Z";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_InfluxDB_is_down_a_deletion_is_refused_and_deletes_nothing()
    {
        await using var stack = await InfluxStack.StartAsync();
        var client = stack.Server.Client();
        await client.StoreAsync("d", 1);
        stack.Network.Refuse();

        await (await client.DeleteAsync(Address + "&dryRun=true", Cancellation)).ShouldFailAsync(HttpStatusCode.ServiceUnavailable, "storage_unavailable");
        await (await client.DeleteAsync(Address, Cancellation)).ShouldFailAsync(HttpStatusCode.ServiceUnavailable, "storage_unavailable");

        stack.Network.Heal();
        await stack.WaitUntilDrainedAsync();
        Assert.Equal(1, await stack.CountAsync("telemetry", "value"));
        Assert.Equal("storage_unavailable", (await client.AuditAsync("?action=measurements.delete")).Single().Text("outcome"));
    }

    [Fact]
    public async Task What_waits_in_the_spool_is_not_passed_by_a_deletion_and_does_not_come_back_after_it()
    {
        await using var stack = await InfluxStack.StartAsync();
        var client = stack.Server.Client();
        await client.StoreAsync("d", 1);
        stack.Network.Refuse();
        using (var queued = await client.PostJsonAsync(Posting.One, """{"device":"d","timestamp":"2020-01-15T12:00:01Z","fields":{"value":2}}"""))
            Assert.Equal(HttpStatusCode.Accepted, queued.StatusCode);
        await (await client.DeleteAsync(Address, Cancellation)).ShouldFailAsync(HttpStatusCode.ServiceUnavailable, "storage_unavailable");

        stack.Network.Heal();
        await stack.WaitUntilDrainedAsync();
        using (var deleted = await client.DeleteAsync(Address, Cancellation))
            Assert.Equal("""{"status":"deleted","deleted":2}""", await deleted.Content.ReadAsStringAsync(Cancellation));

        using var read = await client.AskAsync($"/measurements?device=d&{CachingSteps.Closed}");
        Assert.Empty(await read.ValuesAsync());
        Assert.Equal(0, await stack.CountAsync("telemetry", "value"));
    }
}
