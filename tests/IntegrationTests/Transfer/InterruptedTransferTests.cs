using System.Globalization;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.IntegrationTests.Faults;
using IotBackend.IntegrationTests.Hosting;
using IotBackend.IntegrationTests.Stores;
using Xunit;

namespace IotBackend.IntegrationTests.Transfer;

[Collection(AloneCollection.Name)]
public sealed class InterruptedTransferTests : IAsyncLifetime
{
    private const int Devices = 40;
    private const int Each = 10_000;

    private readonly TemporaryFolder _folder = new();

    private string File => _folder.Combine("measurements.gz");

    private Place Source => new(_folder.Combine("source"));

    private Place Target => new(_folder.Combine("target"));

    public async ValueTask InitializeAsync() => await Source.WriteAsync(Bucket.Default, Enumerable.Range(0, Devices).SelectMany(Numbers));

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Export_and_import_that_are_killed_go_on_where_they_were()
    {
        var killed = 0;
        for (var code = -1; code != 0;)
        {
            using var run = TransferRun.Start(["export", File, "--resume", .. Source.Settings]);
            killed += await KillOnceGrownAsync(run, () => LengthOf(File)) ? 1 : 0;
            code = await run.WaitForExitAsync();
            Assert.True(code is 0 or 137, run.Output.ToString());
        }

        Assert.True(killed > 0, "No export was killed before its end.");
        var killedImports = 0;
        for (var code = -1; code != 0;)
        {
            using var run = TransferRun.Start(["import", File, "--resume", .. Target.Settings]);
            killedImports += await KillOnceGrownAsync(run, () => LengthOf(Path.Combine(Target.Folder, "inbox.db-wal"))) ? 1 : 0;
            code = await run.WaitForExitAsync();
            Assert.True(code is 0 or 137, run.Output.ToString());
        }

        Assert.True(killedImports > 0, "No import was killed before its end.");
        Assert.Equal(await Source.ReadAsync(), await Target.ReadAsync());
        Assert.Equal(["measurements.gz"], Directory.GetFiles(_folder).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Export_that_is_asked_to_stop_leaves_a_file_that_is_gone_on_with()
    {
        using var run = TransferRun.Start(["export", File, .. Source.Settings]);
        await Eventually.TrueAsync(() => run.HasExited || LengthOf(File) > 100_000, "the file grows");
        await run.TerminateAsync();
        var code = await run.WaitForExitAsync();

        Assert.True(code is 0 or 1, run.Output.ToString());
        if (code == 1)
            Assert.Contains("--resume", run.Output.ToString(), StringComparison.Ordinal);
        await MustRunAsync(["export", File, "--resume", .. Source.Settings]);
        await MustRunAsync(["import", File, .. Target.Settings]);
        Assert.Equal(Devices * Each, await Target.CountAsync(BucketName.Default));
    }

    [Fact]
    public async Task Full_disk_is_told_and_the_export_goes_on_when_there_is_room()
    {
        await using var disk = await SmallDisk.MountAsync(1);
        var file = Path.Combine(disk.Path, "measurements.gz");

        var (code, output) = await TransferRun.RunAsync(["export", file, .. Source.Settings]);

        Assert.Equal(1, code);
        Assert.Contains("the disk is full. Make room and go on with --resume", output, StringComparison.Ordinal);
        Assert.Single(output.Split('\n'));
        await disk.ResizeAsync(128);
        await MustRunAsync(["export", file, "--resume", .. Source.Settings]);
        await MustRunAsync(["import", file, .. Target.Settings]);
        Assert.Equal(Devices * Each, await Target.CountAsync(BucketName.Default));
    }

    [Fact]
    public async Task InfluxDB_that_goes_away_is_waited_for_on_both_ways()
    {
        await using var influx = await InfluxServer.StartAsync();
        var database = InInflux(influx);
        await MustRunAsync(["export", File, .. Source.Settings]);
        using (var import = TransferRun.Start(["import", File, .. database.Settings]))
        {
            await Eventually.TrueAsync(() => import.HasExited || LengthOf(File + ".import-state") > 0, "some is stored");
            await influx.KillAsync();
            await Eventually.PauseAsync(TimeSpan.FromSeconds(2));
            Assert.False(import.HasExited, import.Output.ToString());
            await influx.RestartAsync();
            Assert.True(await import.WaitForExitAsync() == 0, import.Output.ToString());
        }

        Assert.Equal(await Source.ReadAsync(), await database.ReadAsync());
        var back = _folder.Combine("back.gz");
        using (var export = TransferRun.Start(["export", back, .. database.Settings]))
        {
            await Eventually.TrueAsync(() => export.HasExited || LengthOf(back) > 100_000, "the file grows");
            await influx.KillAsync();
            await Eventually.PauseAsync(TimeSpan.FromSeconds(2));
            Assert.False(export.HasExited, export.Output.ToString());
            await influx.RestartAsync();
            Assert.True(await export.WaitForExitAsync() == 0, export.Output.ToString());
        }

        await MustRunAsync(["import", back, .. Target.Settings]);
        Assert.Equal(await Source.ReadAsync(), await Target.ReadAsync());
    }

    [Fact]
    public async Task InfluxDB_that_stays_away_ends_the_import_with_a_line_that_tells_how_to_go_on()
    {
        await using var influx = await InfluxServer.StartAsync();
        var database = InInflux(influx);
        await MustRunAsync(["export", File, .. Source.Settings]);
        using (var import = TransferRun.Start(["import", File, "--patience", "1", .. database.Settings]))
        {
            await Eventually.TrueAsync(() => import.HasExited || LengthOf(File + ".import-state") > 0, "some is stored");
            await influx.KillAsync();

            Assert.True(await import.WaitForExitAsync() == 1, import.Output.ToString());
            Assert.Matches("^InfluxDB at http://.*--resume", Assert.Single(import.Output.Lines));
        }

        await influx.RestartAsync();
        var told = await MustRunAsync(["import", File, "--resume", .. database.Settings]);

        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"counted again: {Devices * Each:N0}"), told, StringComparison.Ordinal);
        Assert.Equal(await Source.ReadAsync(), await database.ReadAsync());
    }

    [Fact]
    public async Task Memory_does_not_grow_with_what_is_moved()
    {
        // Some million values beyond those that are there; as objects they would take several hundred bytes each.
        for (var bucket = 0; bucket < 3; bucket++)
            await Source.WriteAsync(new Bucket(BucketName.TryParse($"bucket {bucket}", out _)!, string.Empty, default), Enumerable.Range(0, Devices).SelectMany(Numbers));
        const long bound = 600L << 20;

        using var export = TransferRun.Start(["export", File, .. Source.Settings]);
        Assert.InRange(await PeakAsync(export), 1, bound);
        using var import = TransferRun.Start(["import", File, .. Target.Settings]);
        Assert.InRange(await PeakAsync(import), 1, bound);

        Assert.Equal(Devices * Each, await Target.CountAsync(BucketName.TryParse("bucket 2", out _)!));
    }

    private static IEnumerable<Measurement> Numbers(int device)
    {
        var key = Some.Key($"device {device}");
        return Enumerable.Range(0, Each).Select(i => key.At(Some.Noon + (i * Some.Second), ("value", i * 0.7), ("other", Math.Sqrt(i)), ("odd", i % 2 == 1)));
    }

    private Place InInflux(InfluxServer influx) =>
        new(_folder.Combine("beside-influx"), "--Measurements:Store=InfluxDb", $"--Measurements:InfluxDb:Url={influx.Url}");

    private static async Task<string> MustRunAsync(IEnumerable<string> arguments)
    {
        var (code, output) = await TransferRun.RunAsync(arguments);
        Assert.True(code == 0, output);
        return output;
    }

    // True when it was killed after it had done something, and before its end.
    private static async Task<bool> KillOnceGrownAsync(TransferRun run, Func<long> length)
    {
        var before = length();
        await Eventually.TrueAsync(() => run.HasExited || length() > before + 200_000, "it does something", TimeSpan.FromMinutes(2));
        if (run.HasExited)
            return false;
        await run.KillAsync();
        return true;
    }

    private static async Task<long> PeakAsync(TransferRun run)
    {
        var peak = 0L;
        while (!run.HasExited)
        {
            peak = Math.Max(peak, run.PeakMemory());
            await Eventually.PauseAsync();
        }

        Assert.True(await run.WaitForExitAsync() == 0, run.Output.ToString());
        return peak;
    }

    private static long LengthOf(string file) => System.IO.File.Exists(file) ? new FileInfo(file).Length : 0;
}
