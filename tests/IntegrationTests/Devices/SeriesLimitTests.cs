using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using IotBackend.Domain.Access;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.ApiKeys;
using IotBackend.IntegrationTests.Faults;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Devices;

public sealed class SeriesLimitTests
{
    private const string Header = "X-Series-Limit";

    private static readonly string[] Settings =
        ["--SeriesLimits:NewDevicesPerHour=5", "--SeriesLimits:NewSeriesPerHour=10", "--SeriesLimits:Tiers:premium:NewSeriesPerHour=20", "--SeriesLimits:Tiers:premium:NewDevicesPerHour=20"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Runaway_device_does_not_fill_the_store_and_others_go_on()
    {
        await using var server = await AccessServer.StartAsync(null, Settings);
        var (runaway, other) = (await ClientAsync(server), await ClientAsync(server));
        await (await PostAsync(other, "steady", "0")).ShouldBeAsync(HttpStatusCode.Created);
        for (var i = 0; i < 60; i++)
        {
            using var response = await PostAsync(runaway, "runaway", $"{i}");
            await response.ShouldBeAsync(i < 10 ? HttpStatusCode.Created : HttpStatusCode.TooManyRequests);
        }

        // What is known goes on, of the runaway too.
        await (await PostAsync(runaway, "runaway", "3")).ShouldBeAsync(HttpStatusCode.Created);
        await (await PostAsync(runaway, "steady", "0")).ShouldBeAsync(HttpStatusCode.Created);
        await (await PostAsync(other, "steady", "1")).ShouldBeAsync(HttpStatusCode.Created);
        var admin = server.Client(server.AdminKey);
        Assert.Equal(10, (await admin.GetFromJsonAsync<JsonElement>("/devices/runaway", Cancellation)).GetProperty("series").GetArrayLength());
        await (await PostAsync(admin, "runaway", "unlimited")).ShouldBeAsync(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Fifth_new_device_is_taken_the_sixth_refused_with_when_to_come_again()
    {
        await using var server = await AccessServer.StartAsync(null, Settings);
        var client = await ClientAsync(server);
        for (var i = 1; i <= 5; i++)
        {
            using var stored = await PostAsync(client, $"d-{i}", "0");
            await stored.ShouldBeAsync(HttpStatusCode.Created);
            Assert.Equal(i >= 4, stored.Headers.Contains(Header));
        }

        using var refused = await PostAsync(client, "d-6", "0");
        Assert.Equal("\"new-devices\";q=5;r=0;w=3600, \"new-series\";q=10;r=5;w=3600", refused.Headers.GetValues(Header).Single());
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(60), TimeSpan.FromHours(1));
        var error = await refused.ShouldFailAsync(HttpStatusCode.TooManyRequests, "series_limit_exceeded");
        Assert.Equal(("series_limit_exceeded", "device"), (error.Faults.Single().Code, error.Faults.Single().Field));
        Assert.Equal(5, error.Details!.Value.GetProperty("newDevicesLimit").GetInt32());
        await (await PostAsync(client, "d-1", "1")).ShouldBeAsync(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Of_a_batch_what_is_known_or_allowed_is_stored_and_the_rest_refused_item_by_item()
    {
        await using var server = await AccessServer.StartAsync(null, Settings);
        var client = await ClientAsync(server);
        await (await PostAsync(client, "known", "0")).ShouldBeAsync(HttpStatusCode.Created);
        var body = $"[{string.Join(',', Enumerable.Range(0, 12).Select(i => Item("known", $"{i}")))},{Item("known", "0")}]";

        using var response = await client.PostJsonAsync(Posting.Many, body);

        await response.ShouldBeAsync(HttpStatusCode.MultiStatus);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Equal((11, 2), (answer.GetProperty("accepted").GetInt32(), answer.GetProperty("rejected").GetInt32()));
        Assert.Equal([(10, "series_limit_exceeded"), (11, "series_limit_exceeded")], answer.GetProperty("errors").EnumerateArray().Select(error => (error.GetProperty("index").GetInt32(), error.Text("code")!)));

        using var none = await client.PostJsonAsync(Posting.Many, $"[{Item("known", "x")},{Item("known", "y")}]");
        var error = await none.ShouldFailAsync(HttpStatusCode.TooManyRequests, "series_limit_exceeded");
        Assert.Equal([0, 1], error.Faults.Select(fault => fault.Index));
    }

    [Fact]
    public async Task After_a_restart_what_is_stored_is_not_new()
    {
        var folder = Directory.CreateTempSubdirectory("iotbackend-series-").FullName;
        try
        {
            string key;
            await using (var server = await AccessServer.StartAsync(folder, Settings))
            {
                key = await server.AddKeyAsync(one => one with { Tier = "premium", Scopes = Scopes.MeasurementsWrite });
                for (var i = 0; i < 20; i++)
                    await (await PostAsync(server.Client(key), "d", $"{i}")).ShouldBeAsync(HttpStatusCode.Created);
            }

            await using (var server = await AccessServer.StartAsync(folder, "--SeriesLimits:NewDevicesPerHour=0", "--SeriesLimits:NewSeriesPerHour=0", "--SeriesLimits:Tiers:premium:NewSeriesPerHour=0"))
            {
                var client = server.Client(key);
                for (var i = 0; i < 20; i++)
                    await (await PostAsync(client, "d", $"{i}")).ShouldBeAsync(HttpStatusCode.Created);
                await (await PostAsync(client, "d", "20")).ShouldFailAsync(HttpStatusCode.TooManyRequests, "series_limit_exceeded");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Behind_InfluxDB_it_is_the_same_and_known_series_are_found_after_a_restart()
    {
        await using var stack = await InfluxStack.StartAsync(null, null, ("SeriesLimits:NewDevicesPerHour", "5"), ("SeriesLimits:NewSeriesPerHour", "11"));
        var made = await stack.Server.Client().CreateKeyAsync("""{"name":"limited","tier":"premium","scopes":["measurements:write"]}""");
        var standard = await stack.Server.Client().CreateKeyAsync("""{"name":"limited","tier":"standard","scopes":["measurements:write"]}""");

        // The first brings the field as well.
        for (var i = 0; i < 12; i++)
        {
            using var response = await PostAsync(stack.Server.Client(standard.Token), "runaway", $"{i}");
            await response.ShouldBeAsync(i < 10 ? HttpStatusCode.Created : HttpStatusCode.TooManyRequests);
        }

        // What was counted in the two seconds before a kill may be lost, and a device that came then is new once more.
        await Eventually.PauseAsync(TimeSpan.FromSeconds(5));
        await stack.Server.KillAsync();
        await stack.Server.RestartAsync();

        var client = stack.Server.Client(standard.Token);
        for (var i = 0; i < 10; i++)
        {
            using var known = await PostAsync(client, "runaway", $"{i}");
            await known.ShouldBeAsync(HttpStatusCode.Created);
            Assert.False(known.Headers.Contains(Header));
        }

        for (var i = 0; i < 6; i++)
        {
            using var response = await PostAsync(client, $"new-{i}", "0");
            await response.ShouldBeAsync(i < 5 ? HttpStatusCode.Created : HttpStatusCode.TooManyRequests);
        }

        await (await PostAsync(stack.Server.Client(made.Token), "premium", "0")).ShouldBeAsync(HttpStatusCode.Created);
    }

    private static Task<HttpClient> ClientAsync(AccessServer server) => server.ClientForAsync(key => key with { Tier = "standard", Scopes = Scopes.MeasurementsWrite });

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, string device, string tag) => client.PostJsonAsync(Posting.One, Item(device, tag));

    private static string Item(string device, string tag) => $$$"""{"device":"{{{device}}}","tags":{"t":"{{{tag}}}"},"fields":{"value":1}}""";
}
