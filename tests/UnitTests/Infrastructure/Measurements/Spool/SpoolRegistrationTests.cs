using IotBackend.Application.Measurements;
using IotBackend.Application.SystemStatus;
using IotBackend.Infrastructure.Measurements.Spool;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Xunit;
using static IotBackend.UnitTests.Infrastructure.Measurements.Spool.TestSpool;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Spool;

public sealed class SpoolRegistrationTests
{
    private const string MaxBytes = "Measurements:Spool:MaxBytes";

    [Theory]
    [InlineData(null, 1L << 30)]
    [InlineData("1048576", 1L << 20)]
    [InlineData("1099511627776", 1L << 40)]
    public async Task The_bound_can_be_set(string? setting, long expected)
    {
        await using var services = Register(setting is null ? [] : new() { [MaxBytes] = setting });

        Assert.Equal(expected, services.GetRequiredService<IOptions<SpoolOptions>>().Value.MaxBytes);
    }

    [Theory]
    [InlineData("1048575")]
    [InlineData("1099511627777")]
    public async Task A_bound_out_of_its_range_is_refused(string setting)
    {
        await using var services = Register(new() { [MaxBytes] = setting });

        var refusal = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<SpoolOptions>>().Value);
        Assert.Contains(nameof(SpoolOptions.MaxBytes), refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_that_does_not_exist_is_refused()
    {
        await using var services = Register(new() { ["Measurements:Spool:MaxByte"] = "1048576" });

        Assert.Throws<InvalidOperationException>(() => services.GetRequiredService<IOptions<SpoolOptions>>().Value);
    }

    [Fact]
    public async Task The_spool_is_one_opened_at_the_start_and_closed_at_the_end()
    {
        var folder = Directory.CreateTempSubdirectory("iot-spool-").FullName;
        await using (var services = Register([], folder))
        {
            var lifetime = Assert.Single(services.GetServices<IHostedService>());
            await lifetime.StartAsync(TestContext.Current.CancellationToken);
            var queue = services.GetRequiredService<SpoolQueue>();

            Assert.True(File.Exists(Path.Combine(folder, SpoolFile.FileName)));
            Assert.Same(queue, services.GetRequiredService<ISpool>());
            Assert.Equal("spool", Assert.Single(services.GetServices<IComponentHealth>()).Name);
            Assert.Equal(SpoolAppend.Stored, await queue.AppendAsync(A, 1, "1"u8.ToArray()));
            await lifetime.StopAsync(TestContext.Current.CancellationToken);
            Assert.Equal(SpoolAppend.Failed, await queue.AppendAsync(A, 1, "2"u8.ToArray()));
        }

        using var spool = new TestSpool(folder: folder);
        Assert.Equal(["1"], await spool.PayloadsAsync(A));
    }

    private static ServiceProvider Register(Dictionary<string, string?> settings, string folder = "unused")
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        return new ServiceCollection().AddSingleton(TimeProvider.System).AddLogging().AddSpool(configuration, folder).BuildServiceProvider();
    }
}
