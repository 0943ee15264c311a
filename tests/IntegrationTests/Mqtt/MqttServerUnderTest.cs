using IotBackend.Api.Mqtt;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IotBackend.IntegrationTests.Mqtt;

/// <summary>The program with its listener for MQTT on a free port.</summary>
internal sealed class MqttServerUnderTest : IAsyncDisposable
{
    private MqttServerUnderTest(AccessServer program) => Program = program;

    public AccessServer Program { get; }

    public int Port => Program.Services.GetRequiredService<MqttListener>().Plain!.Port;

    public int TlsPort => Program.Services.GetRequiredService<MqttListener>().Secure!.Port;

    public HttpClient Admin => Program.Client(Program.AdminKey);

    public static async Task<MqttServerUnderTest> StartAsync(params string[] settings) =>
        new(await AccessServer.StartAsync(null, ["--Mqtt:Enabled=true", "--Mqtt:Port=0", "--Mqtt:TlsPort=0", .. settings]));

    /// <summary>Devices and values that are stored in a bucket, in the order of time.</summary>
    public async Task<IReadOnlyList<ReadMeasurement>> StoredAsync(string query = "")
    {
        var found = new List<ReadMeasurement>();
        await foreach (var measurement in Admin.ReadAllAsync($"from=2000-01-01T00:00:00Z&order=asc{query}", cancellationToken: TestContext.Current.CancellationToken))
            found.Add(measurement);
        return found;
    }

    /// <summary>Fails unless so much is stored.</summary>
    public async Task ShouldHoldAsync(int count)
    {
        var stored = await StoredAsync();
        Assert.True(stored.Count == count, $"{stored.Count} measurements are stored: {string.Join("; ", stored)}");
    }

    public ValueTask DisposeAsync() => Program.DisposeAsync();
}
