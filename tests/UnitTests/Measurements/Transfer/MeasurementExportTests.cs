using IotBackend.Application.Buckets;
using IotBackend.Application.Measurements.Transfer;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using IotBackend.UnitTests.Infrastructure.Measurements.Embedded;
using IotBackend.UnitTests.Infrastructure.Measurements.Exports;
using Xunit;

namespace IotBackend.UnitTests.Measurements.Transfer;

public sealed class MeasurementExportTests : IDisposable
{
    private readonly TestStore _source = new();
    private readonly ExportFolder _folder = new();
    private readonly UnreliableStore _unreliable;

    public MeasurementExportTests() => _unreliable = new UnreliableStore(_source.Store, _source.Store.Source);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _folder.Dispose();
        _source.Dispose();
    }

    [Fact]
    public async Task All_buckets_with_their_rules_are_in_the_file_device_after_device()
    {
        var other = ExportFolder.Bucket("other", "of machines", 24 * 365 * 100);
        await _source.Store.Buckets.SaveAsync(other, BucketCondition.IsNew, Cancelled);
        Measurement[] some = [.. ExportFolder.Numbers("b", 10), .. ExportFolder.Numbers("a", 10), .. ExportFolder.Numbers("\U00010400", 1), .. ExportFolder.Numbers("\uFB00", 1)];
        await StoreAsync(BucketName.Default, some);
        await StoreAsync(other.Name, [.. ExportFolder.Numbers("a", 3)]);

        var summary = (await RunAsync()).Value;

        var read = await _folder.ReadAsync();
        Assert.Equal([Bucket.Default, other], read.Select(one => one.Bucket));
        Assert.Equal(["a", "b", "\uFB00", "\U00010400"], read[0].Measurements.Select(one => one.Key.Device).Distinct());
        Assert.Equal(Shown(some), Shown(read[0].Measurements));
        Assert.Equal((2, 25, 75), (summary.Buckets, summary.Total.Measurements, summary.Total.Values));
        Assert.Equal(new FileInfo(_folder.File).Length, summary.Bytes);
    }

    [Fact]
    public async Task Chosen_buckets_and_times_alone_are_in_the_file()
    {
        await _source.Store.Buckets.SaveAsync(ExportFolder.Bucket("other"), BucketCondition.IsNew, Cancelled);
        await StoreAsync(BucketName.Default, [.. ExportFolder.Numbers("a", 10)]);

        var order = Order() with { Buckets = [BucketName.Default], Range = new TimeRange(new Timestamp(2 * TestStore.Second), new Timestamp(5 * TestStore.Second)) };
        Assert.True((await RunAsync(order)).IsSuccess);

        var only = Assert.Single(await _folder.ReadAsync());
        Assert.Equal(Shown(ExportFolder.Numbers("a", 10).Skip(2).Take(3)), Shown(only.Measurements));
    }

    [Fact]
    public async Task What_a_bucket_no_longer_keeps_is_not_in_the_file()
    {
        var hours = ExportFolder.Bucket("hours", "", 2);
        await _source.Store.Buckets.SaveAsync(hours, BucketCondition.IsNew, Cancelled);
        var key = MeasurementKey.Create("d", "m");
        var now = Timestamp.From(TimeProvider.System.GetUtcNow()).Nanoseconds;
        Measurement[] some = [new(key, new Timestamp(now - (3 * 3600 * TestStore.Second)), [new("v", FieldValue.Of(1))]), new(key, new Timestamp(now), [new("v", FieldValue.Of(2))])];
        await StoreAsync(hours.Name, some);

        Assert.True((await RunAsync(Order() with { Buckets = [hours.Name] })).IsSuccess);

        Assert.Equal(Shown(some[1..]), Shown(Assert.Single(await _folder.ReadAsync()).Measurements));
    }

    [Fact]
    public async Task Store_that_fails_in_the_middle_is_asked_again_and_nothing_is_doubled()
    {
        var some = ExportFolder.Numbers("a", 20_000).Concat(ExportFolder.Numbers("b", 5_000)).ToArray();
        await StoreAsync(BucketName.Default, some);
        _unreliable.PartsBeforeFailure = attempt => attempt switch { 1 => 2, 2 => 0, 3 => 3, _ => int.MaxValue };

        Assert.True((await RunAsync()).IsSuccess);

        Assert.Equal(Shown(some), Shown(Assert.Single(await _folder.ReadAsync()).Measurements));
        Assert.Equal(5, _unreliable.Reads);
    }

    [Fact]
    public async Task Store_that_goes_on_failing_ends_it_and_the_file_is_continued_later()
    {
        var some = ExportFolder.Numbers("a", 20_000).Concat(ExportFolder.Numbers("b", 20_000)).ToArray();
        await StoreAsync(BucketName.Default, some);
        _unreliable.PartsBeforeFailure = attempt => attempt == 1 ? int.MaxValue : 2;

        var failed = await RunAsync(Order() with { Patience = TimeSpan.Zero });

        Assert.Equal(UnreliableStore.Away, failed.Error);
        await Assert.ThrowsAsync<ExportFileException>(_folder.ReadAsync);
        _unreliable.PartsBeforeFailure = _ => int.MaxValue;
        var summary = (await RunAsync(Order() with { IsContinued = true })).Value;
        Assert.Equal(some.Length, summary.Total.Measurements);
        Assert.Equal(Shown(some), Shown(Assert.Single(await _folder.ReadAsync()).Measurements));
    }

    [Fact]
    public async Task Complete_file_is_left_as_it_is_when_it_is_continued()
    {
        await StoreAsync(BucketName.Default, [.. ExportFolder.Numbers("a", 10)]);
        await RunAsync();
        var whole = await File.ReadAllBytesAsync(_folder.File, Cancelled);

        var summary = (await RunAsync(Order() with { IsContinued = true })).Value;

        Assert.Equal(10, summary.Total.Measurements);
        Assert.Equal(whole, await File.ReadAllBytesAsync(_folder.File, Cancelled));
    }

    [Fact]
    public async Task Bucket_that_does_not_exist_is_told_before_a_file_is_made()
    {
        var failed = await RunAsync(Order() with { Buckets = [TestStore.Named("other")] });

        Assert.Equal(ErrorCodes.BucketNotFound, failed.Error!.Code);
        Assert.False(File.Exists(_folder.File));
    }

    private ExportOrder Order() => new(_folder.File, [], ExportHeader.AllTimes, IsContinued: false, TimeSpan.FromMinutes(1));

    private Task<Result<ExportSummary>> RunAsync(ExportOrder? order = null) =>
        new MeasurementExport(_unreliable, _source.Store.Buckets, _folder.Files, TimeProvider.System).RunAsync(order ?? Order(), new TransferProgress(), Cancelled);

    private Task StoreAsync(BucketName bucket, Measurement[] measurements) => Storing.StoreAsync(_source.Store, bucket, measurements);

    private static IEnumerable<string> Shown(IEnumerable<Measurement> measurements) =>
        measurements.OrderBy(one => one.Key).ThenBy(one => one.Timestamp).Select(one =>
            (one with { Fields = [.. one.Fields.OrderBy(field => field.Name, StringComparer.Ordinal)] }).Show());
}
