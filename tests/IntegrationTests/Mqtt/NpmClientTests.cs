using System.Globalization;
using IotBackend.IntegrationTests.Access;
using Xunit;

namespace IotBackend.IntegrationTests.Mqtt;

/// <summary>The client <c>mqtt</c> of npm, in both versions of the protocol.</summary>
public sealed class NpmClientTests(NpmClientFixture npm) : IClassFixture<NpmClientFixture>
{
    private const int Count = 500;

    [Theory]
    [InlineData("4", 0, 0)]
    [InlineData("5", 0x99, 0x90)]
    public async Task Messages_are_stored_and_reasons_are_told(string version, int broken, int elsewhere)
    {
        await using var server = await MqttServerUnderTest.StartAsync();
        var told = await npm.RunAsync(server.Port, server.Program.AdminKey, version, Count);
        Assert.Equal((Count, broken, elsewhere), ((int)told["published"]!, (int)told["broken"]!, (int)told["elsewhere"]!));
        Assert.InRange((int)told["granted"]!, 128, 255);
        Assert.Equal(Enumerable.Range(0, Count), (await server.StoredAsync("&device=npm")).Select(measurement => int.Parse(measurement.Fields["x"], CultureInfo.InvariantCulture)));
    }

    [Theory]
    [InlineData("4", 4)]
    [InlineData("5", 0x86)]
    public async Task Wrong_key_is_told(string version, int code)
    {
        await using var server = await MqttServerUnderTest.StartAsync();
        var told = await npm.RunAsync(server.Port, AccessServer.NewToken(), version, 1);
        Assert.Equal(code, (int)told["refused"]!);
    }
}
