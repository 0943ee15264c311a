using System.Globalization;
using IotBackend.IntegrationTests.Hosting;
using IotBackend.Simulator.Csv;
using IotBackend.Simulator.Sending;
using Xunit;

namespace IotBackend.IntegrationTests.RealData;

public sealed class ReplayTests(IotServerFixture fixture) : IClassFixture<IotServerFixture>
{
    private const string AllTime = "from=2000-01-01T00:00:00Z&to=2030-01-01T00:00:00Z";

    [Fact]
    public async Task Air_quality_of_a_year_reads_back_value_by_value_before_and_after_a_restart()
    {
        var path = Path.Combine(SharedData.Folder(), "air-quality-uci.csv");
        var expected = SensorFile.ReadAirQuality(path);
        Assert.Equal((9326, 13), (expected.Measurements.Count, expected.Measurements.Values.SelectMany(m => m.Keys).Distinct().Count()));

        await ReplayAsync([path], new CsvOptions { Missing = -200 });

        await AssertReadsBackAsync(expected);
        Assert.Equal(0, await fixture.Server.StopAsync());
        await fixture.Server.RestartAsync();
        await AssertReadsBackAsync(expected);
    }

    [Fact]
    public async Task Twelve_series_of_machines_and_roads_read_back_value_by_value()
    {
        var paths = Directory.GetFiles(Path.Combine(SharedData.Folder(), "nab"), "*.csv");
        Assert.Equal(12, paths.Length);

        await ReplayAsync(paths, new CsvOptions());

        foreach (var path in paths)
            await AssertReadsBackAsync(SensorFile.ReadSeries(path));
    }

    [Fact]
    public async Task Replaying_a_file_twice_changes_nothing()
    {
        var path = Path.Combine(SharedData.Folder(), "nab", "speed_6005.csv");
        var options = new CsvOptions { Device = "replayed-twice" };

        await ReplayAsync([path], options);
        await ReplayAsync([path], options);

        await AssertReadsBackAsync(SensorFile.ReadSeries(path) with { Device = "replayed-twice" });
    }

    /// <summary>Several requests at once, of a size that divides no file evenly.</summary>
    private async Task ReplayAsync(IEnumerable<string> paths, CsvOptions options)
    {
        var reader = new CsvSampleReader(options);
        var samples = paths.SelectMany(path => reader.Read(path).Samples).ToList();
        var clock = TimeProvider.System;
        using var http = new HttpClient();
        var target = new SendTarget(fixture.Server.Url, fixture.Server.AdminKey, Bucket: null, Single: false);
        var sender = new MeasurementSender(http, target, new RetryPolicy(new RetryOptions(), clock, new Random(1)), clock);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = TestContext.Current.CancellationToken };

        await Parallel.ForEachAsync(samples.Chunk(497), parallel, async (batch, token) => await sender.SendAsync(batch, token));

        Assert.Equal((samples.Count, 0L), (sender.Report.Accepted, sender.Report.Rejected));
    }

    private async Task AssertReadsBackAsync(SensorFile expected)
    {
        var query = $"device={Uri.EscapeDataString(expected.Device)}&order=asc&{AllTime}";
        var read = await fixture.Server.Client().ReadAllAsync(query, limit: 997, TestContext.Current.CancellationToken)
            .ToListAsync(TestContext.Current.CancellationToken);

        Assert.Equal(expected.Measurements.Keys.Order(StringComparer.Ordinal), read.Select(m => m.Timestamp));
        foreach (var measurement in read)
        {
            Assert.Equal((expected.Device, "telemetry"), (measurement.Device, measurement.Name));
            Assert.Equal(expected.Measurements[measurement.Timestamp], measurement.Fields.ToDictionary(f => f.Key, f => Number(f.Value)));
        }
    }

    private static double Number(string json) => double.Parse(json, CultureInfo.InvariantCulture);
}
