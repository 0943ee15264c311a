using IotBackend.Infrastructure.Measurements.InfluxDb;
using Xunit;

namespace IotBackend.IntegrationTests.Influx.Exchanges;

/// <summary>Which dialect is spoken to a server whose version is not configured.</summary>
public sealed class DetectionTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("v1/ping.http", "1.6", "InfluxDB 1.x")]
    [InlineData("v1/ping.http", "1.8", "InfluxDB 1.x")]
    [InlineData("v1/ping.http", "Enterprise", "InfluxDB 1.x")]
    [InlineData("v2/ping.http", "2.0", "InfluxDB 2.x")]
    [InlineData("v2/ping.http", "2.7", "InfluxDB 2.x")]
    [InlineData("v3/ping.http", "3.0", "InfluxDB 3.x")]
    [InlineData("v3/ping.http", "3.8", "InfluxDB 3.x")]
    public async Task Version_is_what_the_server_tells(string file, string title, string dialect)
    {
        await using var store = RecordedStore.Play(file, title, "Version=");
        Assert.Null(store.Dialects.Known);

        Assert.Equal(dialect, (await store.Dialects.GetAsync(Cancelled)).Name);

        // Not asked again.
        Assert.Equal(dialect, (await store.Dialects.GetAsync(Cancelled)).Name);
        Assert.Equal(dialect, store.Dialects.Known?.Name);
    }

    [Theory]
    [InlineData("v2/ping.http", "a version to come", "InfluxDB 4.x is not known")]
    [InlineData("v2/ping.http", "another server", "answered 200 without a version")]
    [InlineData("v3/ping.http", "without a token that it knows", "answered 401 without a version")]
    public async Task Server_that_tells_no_known_version_is_not_spoken_to(string file, string title, string why)
    {
        await using var store = RecordedStore.Play(file, title, "Version=");

        var exception = await Assert.ThrowsAsync<InfluxDbException>(async () => await store.Dialects.GetAsync(Cancelled));

        Assert.Contains(why, exception.Message, StringComparison.Ordinal);
        Assert.Null(store.Dialects.Known);
    }

    [Fact]
    public async Task Organisation_is_needed_once_a_server_turns_out_to_be_a_2_x()
    {
        await using var store = RecordedStore.Play("v2/ping.http", "2.7", "Version=", "Organization=");

        var exception = await Assert.ThrowsAsync<InfluxDbException>(async () => await store.Dialects.GetAsync(Cancelled));

        Assert.Contains("Measurements:InfluxDb:Organization", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("v1/ping.http", "again", "Version=")]
    [InlineData("v3/ping.http", "known already")]
    public async Task Server_is_asked_for_a_sign_of_life_as_its_version_wants_it(string file, string title, params string[] settings)
    {
        await using var store = RecordedStore.Play(file, title, settings);

        await store.Client.PingAsync(Cancelled);
    }
}
