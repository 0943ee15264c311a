using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.IntegrationTests.Hosting;
using IotBackend.IntegrationTests.RealData;
using IotBackend.IntegrationTests.Stores;
using Xunit;

namespace IotBackend.IntegrationTests.Transfer;

public sealed class TransferTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    private string File => _folder.Combine("measurements.gz");

    private Place Source => new(_folder.Combine("source"));

    private Place Target => new(_folder.Combine("target"));

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Embedded_store_moves_into_InfluxDB_and_back_to_the_bit()
    {
        await using var influx = await InfluxServer.StartAsync();
        var database = InInflux(influx);
        var other = new Bucket(BucketName.TryParse("other things", out _)!, "of \"machines\"\nand others", Retention.OfHours(24 * 365 * 90));
        await Source.WriteAsync(Bucket.Default, Awkward());
        await Source.WriteAsync(other, Some.Numbers("machine 1", 30_000));

        await MustRunAsync(["export", File, .. Source.Settings]);
        var told = await MustRunAsync(["import", File, .. database.Settings]);

        Assert.Contains("30,000 in the file, 30,000 stored (counted again: 30,000)", told, StringComparison.Ordinal);
        var expected = await Source.ReadAsync();
        Assert.Equal(expected, await database.ReadAsync());
        var back = _folder.Combine("back.gz");
        await MustRunAsync(["export", back, .. database.Settings]);
        await MustRunAsync(["import", back, .. Target.Settings]);
        Assert.Equal(expected, await Target.ReadAsync());
    }

    [Fact]
    public async Task Real_data_of_a_year_moves_into_InfluxDB()
    {
        var data = SensorFile.ReadAirQuality(Path.Combine(SharedData.Folder(), "air-quality-uci.csv"));
        await using var influx = await InfluxServer.StartAsync();
        await Source.WriteAsync(Bucket.Default, data.Measurements.Select(one => Some.Key(data.Device).At(
            Timestamp.From(DateTimeOffset.Parse(one.Key, System.Globalization.CultureInfo.InvariantCulture)).Nanoseconds, one.Value.Select(field => (field.Key, (object)field.Value)))));

        await MustRunAsync(["export", File, .. Source.Settings]);
        await MustRunAsync(["import", File, .. InInflux(influx).Settings]);

        var read = await InInflux(influx).ReadAsync();
        Assert.Equal(9326, read.Count(line => line.Contains(data.Device, StringComparison.Ordinal)));
        Assert.Equal(await Source.ReadAsync(), read);
    }

    [Fact]
    public async Task Standard_streams_stand_for_files()
    {
        await Source.WriteAsync(Bucket.Default, Some.Numbers("d", 5_000));
        var host = Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        var program = $"'{host}' '{Path.Combine(AppContext.BaseDirectory, "IotBackend.Api.dll")}'";
        using var shell = System.Diagnostics.Process.Start("/bin/sh", ["-c", $"{program} export - --Data:Path='{Source.Folder}' 2>/dev/null | {program} import - --Data:Path='{Target.Folder}' 2>/dev/null"]);
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, shell.ExitCode);
        Assert.Equal(await Source.ReadAsync(), await Target.ReadAsync());
    }

    [Fact]
    public async Task Measurements_that_the_target_refuses_are_told_and_the_others_are_there()
    {
        await Source.WriteAsync(Bucket.Default, [.. Some.Numbers("d", 30), Some.Key("d", "other").At(Some.Noon, ("v", 1))]);
        await Target.WriteAsync(Bucket.Default, Some.Key("mine").At(Some.Noon, ("value", "a text")));
        await MustRunAsync(["export", File, .. Source.Settings]);

        var (code, output) = await TransferRun.RunAsync(["import", File, .. Target.Settings]);

        Assert.Equal(2, code);
        Assert.Equal(20, output.Split('\n').Count(line => line.StartsWith("Refused: ", StringComparison.Ordinal) && line.Contains("field_type_conflict", StringComparison.Ordinal)));
        Assert.Contains("31 in the file, 1 stored", output, StringComparison.Ordinal);
        Assert.Equal(2, await Target.CountAsync(BucketName.Default));
    }

    [Theory]
    [InlineData("is torn")]
    [InlineData("is damaged at byte")]
    [InlineData("can not be read")]
    public async Task File_that_is_not_whole_ends_with_one_line(string why)
    {
        await Source.WriteAsync(Bucket.Default, Some.Numbers("d", 5_000));
        await MustRunAsync(["export", File, .. Source.Settings]);
        var bytes = await System.IO.File.ReadAllBytesAsync(File, TestContext.Current.CancellationToken);
        bytes[bytes.Length / 2] ^= 1;
        if (why == "can not be read")
            System.IO.File.Delete(File);
        else
            await System.IO.File.WriteAllBytesAsync(File, why == "is torn" ? bytes[..^500] : bytes, TestContext.Current.CancellationToken);

        var (code, output) = await TransferRun.RunAsync(["import", File, .. Target.Settings]);

        Assert.Equal(1, code);
        Assert.Contains(why, output, StringComparison.Ordinal);
        Assert.Single(output.Split('\n'));
    }

    [Fact]
    public async Task Folder_of_a_running_server_is_not_touched()
    {
        await using var server = await IotServer.StartAsync(new IotServerOptions { DataPath = Source.Folder });

        var (code, output) = await TransferRun.RunAsync(["export", File, .. Source.Settings]);

        Assert.Equal((1, true), (code, output.Contains("is used by another process. Stop that one", StringComparison.Ordinal)));
        Assert.False(System.IO.File.Exists(File));
    }

    [Fact]
    public async Task Folder_without_measurements_is_told_and_not_made()
    {
        var (code, output) = await TransferRun.RunAsync(["export", File, .. Source.Settings]);

        Assert.Equal((1, true), (code, output.Contains("there are no measurements in", StringComparison.Ordinal)));
        Assert.False(Directory.Exists(Source.Folder));
    }

    [Theory]
    [InlineData("export")]
    [InlineData("import")]
    [InlineData("export", "--resume")]
    public async Task Command_without_a_file_tells_how_it_is_used(params string[] arguments)
    {
        var (code, output) = await TransferRun.RunAsync(arguments);

        Assert.Equal(64, code);
        Assert.Contains("Usage:", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--Nothing:Known", "1")]
    [InlineData("--bucket")]
    [InlineData("--bucket", "_own")]
    [InlineData("--from", "yesterday")]
    [InlineData("--patience", "-1")]
    [InlineData("--resume", "--from", "-1h")]
    public async Task Argument_that_can_not_be_is_told(params string[] arguments)
    {
        var (code, output) = await TransferRun.RunAsync(["export", File, .. arguments]);

        Assert.Equal(1, code);
        Assert.StartsWith("Configuration: ", output, StringComparison.Ordinal);
        Assert.Single(output.Split('\n'));
    }

    private Place InInflux(InfluxServer influx) =>
        new(_folder.Combine("beside-influx"), "--Measurements:Store=InfluxDb", $"--Measurements:InfluxDb:Url={influx.Url}");

    private static async Task<string> MustRunAsync(IEnumerable<string> arguments)
    {
        var (code, output) = await TransferRun.RunAsync(arguments);
        Assert.True(code == 0, output);
        return output;
    }

    // All kinds of names, texts, numbers and times that both stores can hold.
    private static IEnumerable<Measurement> Awkward()
    {
        double[] numbers = [0, -0.0, double.Epsilon, -double.Epsilon, 2.2250738585072009E-308, double.MaxValue, double.MinValue, 0.1 + 0.2, 1.0 / 3, 9007199254740993d, 1E21, -1E-7];
        string[] texts = ["", " ", "a\"b\\c", "two\nlines, x=1 #", "#iotbackend {}", "\\", "\r\n\t", "😀 ünï"];
        string[] tags = ["a,b", "a=b c", "\"quoted\"", "C:\\new\\", "ends\\", " both ", "é😀", "a\\,b"];
        foreach (var (i, number) in numbers.Index())
            yield return Some.Key($"numbers {i % 3}", "m", ("time", "t"), ("device", "d")).At(Some.Noon + (i * 7), ("time", number), ("Ä b", i % 2 == 0));
        foreach (var (i, text) in texts.Index())
            yield return Some.Key("texts", "of/all:kinds.%-_").At(-Some.Noon + i, ("text", text));
        foreach (var tag in tags)
            yield return Some.Key("tags", "m", ("a tag", tag)).At(Some.Noon, ("v", 1));
        yield return Some.Key(new string('d', 128), new string('n', 128), (new string('k', 128), new string('v', 256))).At(long.MinValue + 2, ("v", true));
        yield return Some.Number("last", long.MaxValue - 1);
    }
}
