using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Redis;

/// <summary>What the program says of wrong settings of Redis when it is started.</summary>
public sealed class RedisStartTests
{
    [Theory]
    [InlineData("Redis:Configuration", "localhost,hunter2=hunter2")]
    [InlineData("Redis:KeyPrefix", "a b")]
    [InlineData("Redis:Host", "localhost")]
    public async Task Wrong_setting_stops_the_start_with_one_line_without_secrets(string setting, string value)
    {
        using var folder = new TemporaryFolder();
        using var process = ServerProcess.Start(folder.Combine("data"), new IotServerOptions { Settings = new Dictionary<string, string> { [setting] = value } });
        Assert.Equal(1, await process.WaitForExitAsync());
        var line = Assert.Single(process.Output.Lines);
        Assert.StartsWith($"Configuration: {setting} ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", line, StringComparison.Ordinal);
    }
}
