using System.Net;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Faults;

public sealed class DiskTests
{
    private const int SmallMebibytes = 24;
    private const int LargeMebibytes = 128;

    /// <summary>Room for some hundred commits beyond what the program takes to start.</summary>
    private const long LastBytes = 2 << 20;

    private static readonly int[] BatchSizes = [1, 1, 50, 300];

    [Fact]
    public async Task Full_disk_is_told_and_passes_without_a_restart_and_nothing_acknowledged_is_lost()
    {
        await using var disk = await SmallDisk.MountAsync(SmallMebibytes);
        await using var server = await IotServer.StartAsync(On(disk));
        var ledger = new Ledger();

        await FillUpAsync(server, disk, ledger);

        await ledger.AssertKeptAsync(server.Client());
        await disk.ResizeAsync(LargeMebibytes);
        await AssertRecoversAsync(server, ledger);
        await ledger.AssertKeptAsync(server.Client());
        Assert.Equal(0, await server.StopAsync());
        await server.RestartAsync();
        await ledger.AssertKeptAsync(server.Client());
    }

    [Fact]
    public async Task Kill_on_a_full_disk_loses_nothing_that_was_acknowledged()
    {
        await using var disk = await SmallDisk.MountAsync(SmallMebibytes);
        await using var server = await IotServer.StartAsync(On(disk));
        var ledger = new Ledger();
        await FillUpAsync(server, disk, ledger);
        await server.KillAsync();

        await disk.ResizeAsync(LargeMebibytes);

        await server.RestartAsync();
        await ledger.AssertKeptAsync(server.Client());
        await AssertRecoversAsync(server, ledger);
    }

    [Fact]
    public async Task Start_on_a_full_disk_serves_or_says_why_not()
    {
        await using var disk = await SmallDisk.MountAsync(SmallMebibytes);
        await using var server = await IotServer.StartAsync(On(disk));
        var ledger = new Ledger();
        await FillUpAsync(server, disk, ledger);
        await server.KillAsync();
        disk.FillBut(0);

        using (var full = ServerProcess.Start(server.DataPath, On(disk)))
        {
            await Eventually.TrueAsync(() => full.HasExited || full.Output.Address is not null, "the program starts or ends");
            if (full.Output.Address is null)
                RefusedStart.AssertTells(full.Output, await full.WaitForExitAsync(), server.DataPath);
            await full.KillAsync();
        }

        await disk.ResizeAsync(LargeMebibytes);
        await server.RestartAsync();
        await ledger.AssertKeptAsync(server.Client());
    }

    [Fact]
    public async Task Read_only_folder_stops_the_start_with_a_line_that_says_so()
    {
        await using var disk = await SmallDisk.MountAsync(SmallMebibytes);
        await using var server = await IotServer.StartAsync(On(disk));
        Assert.Equal(0, await server.StopAsync());
        await disk.MakeReadOnlyAsync();

        var line = await RefusedStart.AssertAsync(server.DataPath);

        Assert.Matches("(?i)read-only|written", line);
    }

    [Fact]
    public async Task Empty_read_only_folder_stops_the_start_with_a_line_that_says_so()
    {
        await using var disk = await SmallDisk.MountAsync(SmallMebibytes);
        await disk.MakeReadOnlyAsync();

        var line = await RefusedStart.AssertAsync(Path.Combine(disk.Path, "data"));

        Assert.Matches("(?i)read-only|written", line);
    }

    [Fact]
    public async Task Second_process_on_a_folder_ends_with_a_line_that_says_so_and_the_first_goes_on()
    {
        await using var server = await IotServer.StartAsync();
        var ledger = new Ledger();
        using var _ = await new Poster(server.Client(), ledger, "before", batchSize: 50).PostAsync();

        var line = await RefusedStart.AssertAsync(server.DataPath);

        Assert.Matches("(?i)another process|in use", line);
        using var after = await new Poster(server.Client(), ledger, "after", batchSize: 50).PostAsync();
        Assert.Equal(HttpStatusCode.Created, after.StatusCode);
        await server.KillAsync();
        await server.RestartAsync();
        await ledger.AssertKeptAsync(server.Client());
    }

    private static IotServerOptions On(SmallDisk disk) => new() { DataPath = Path.Combine(disk.Path, "data") };

    /// <summary>Several clients post until each was told that there is no room.</summary>
    private static async Task FillUpAsync(IotServer server, SmallDisk disk, Ledger ledger)
    {
        disk.FillBut(LastBytes);
        var posting = BatchSizes.Index().Select(size =>
            new Poster(server.Client(), ledger, $"poster-{size.Index}", size.Item).PostUntilAsync(() => false)).ToList();
        var refusals = await Task.WhenAll(posting).WaitAsync(TimeSpan.FromMinutes(2), TimeProvider.System, TestContext.Current.CancellationToken);
        foreach (var refusal in refusals)
        {
            Assert.True(refusal is not null, $"The server is gone: {server.Output}");
            await refusal.ShouldFailAsync(HttpStatusCode.ServiceUnavailable, "storage_unavailable");
            Assert.True(refusal.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1), "Retry-After is missing.");
        }

        Assert.True(ledger.Acknowledged > 0, "The disk was full before anything was acknowledged.");
    }

    private static async Task AssertRecoversAsync(IotServer server, Ledger ledger)
    {
        var poster = new Poster(server.Client(), ledger, "recovered", batchSize: 300);
        await Eventually.TrueAsync(
            async () =>
            {
                using var response = await poster.PostAsync();
                return response.StatusCode == HttpStatusCode.Created;
            },
            "posting works again");
    }
}
