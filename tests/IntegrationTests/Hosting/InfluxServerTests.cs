using System.Net;
using Xunit;

namespace IotBackend.IntegrationTests.Hosting;

public sealed class InfluxServerTests
{
    private const string Database = "a b";

    [Fact]
    public async Task What_it_has_acknowledged_survives_a_kill_and_a_stop_at_the_same_address()
    {
        await using var influx = await InfluxServer.StartAsync();
        var url = influx.Url;
        await influx.Client.QueryAsync($"CREATE DATABASE \"{Database}\"");
        await influx.Client.WriteAsync(Database, "m,device=d v=1.5 10");
        await influx.KillAsync();
        Assert.False(await influx.Client.AnswersAsync());
        await influx.RestartAsync();
        await influx.Client.WriteAsync(Database, "m,device=d v=2.5 11");
        await influx.StopAsync();
        Assert.False(await influx.Client.AnswersAsync());

        await influx.RestartAsync();

        Assert.Equal(url, influx.Url);
        var series = Assert.Single(await influx.Client.QueryAsync("SELECT v FROM m GROUP BY *", Database));
        Assert.Equal("d", series.Tags["device"]);
        Assert.Equal(["time", "v"], series.Columns);
        Assert.Equal(["10 1.5", "11 2.5"], series.Values.Select(row => string.Join(' ', row)));
    }

    [Fact]
    public async Task Suspended_it_takes_connections_and_says_nothing_until_it_is_resumed()
    {
        await using var influx = await InfluxServer.StartAsync();
        await influx.SuspendAsync();
        var asking = influx.Client.AnswersAsync();
        await Eventually.PauseAsync(TimeSpan.FromMilliseconds(300));
        Assert.False(asking.IsCompleted);

        await influx.ResumeAsync();

        Assert.True(await asking);
    }

    [Fact]
    public async Task With_credentials_required_it_refuses_others()
    {
        await using var influx = await InfluxServer.StartAsync(new InfluxOptions { RequiresCredentials = true });
        using var stranger = new HttpClient();

        using var refused = await stranger.GetAsync(new Uri(influx.Url, "/query?q=SHOW+DATABASES"), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        await influx.Client.QueryAsync($"CREATE DATABASE \"{Database}\"");
        Assert.Equal(Database, Assert.Single(await influx.Client.QueryAsync("SHOW DATABASES")).Values[0][0].GetString());
    }
}
