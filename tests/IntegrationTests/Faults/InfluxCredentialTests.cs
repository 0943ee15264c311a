using System.Net;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Faults;

public sealed class InfluxCredentialTests
{
    private static readonly InfluxOptions Guarded = new() { RequiresCredentials = true };

    private static readonly (string, string)[] Credentials =
    [
        ("Measurements:InfluxDb:Username", InfluxOptions.Username), ("Measurements:InfluxDb:Password", InfluxOptions.Password),
    ];

    [Fact]
    public async Task With_its_credentials_the_program_writes_and_reads()
    {
        await using var stack = await InfluxStack.StartAsync(Guarded, settings: Credentials);
        var ledger = new Ledger();

        using var stored = await new Poster(stack.Server.Client(), ledger, "d", batchSize: 10).PostAsync();

        Assert.Equal(HttpStatusCode.Created, stored.StatusCode);
        await stack.AssertKeptAsync(ledger);
        Assert.DoesNotContain(stack.Server.Output.Lines, line => line.Contains("s3cret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Credentials_that_are_no_longer_good_lose_nothing()
    {
        await using var stack = await InfluxStack.StartAsync(Guarded, settings: Credentials);
        var ledger = new Ledger();
        var poster = new Poster(stack.Server.Client(), ledger, "d", batchSize: 10);
        using (var stored = await poster.PostAsync())
            Assert.Equal(HttpStatusCode.Created, stored.StatusCode);
        await stack.Influx.Client.QueryAsync("CREATE USER spare WITH PASSWORD 'spare' WITH ALL PRIVILEGES");
        await stack.Influx.Client.QueryAsync($"SET PASSWORD FOR {InfluxOptions.Username} = 'another'");

        using (var queued = await poster.PostAsync())
            Assert.Equal(HttpStatusCode.Accepted, queued.StatusCode);
        Assert.Equal("degraded", (await stack.HealthAsync()).Status);

        await stack.Influx.Client.ResetAdministratorAsync("spare", "spare");
        await stack.AssertKeptAsync(ledger);
        Assert.DoesNotContain(stack.Server.Output.Lines, line => line.Contains("s3cret", StringComparison.Ordinal));
    }
}
