using System.IO.Compression;
using CsCheck;
using IotBackend.Application.Measurements.Transfer;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.UnitTests.Infrastructure.Measurements.Lines;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Exports;

public sealed class ExportFileTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public Task Whatever_is_written_reads_back_to_the_bit_bucket_by_bucket() => AnyMeasurement.One.Array[0, 30].Array[0, 3].SampleAsync(
        async contents =>
        {
            using var folder = new ExportFolder();
            var written = contents.Select((measurements, i) => (ExportFolder.Bucket($"bucket {i}", $"a\n\"{i}\"", i == 0 ? null : i), (IReadOnlyList<Measurement>)measurements)).ToArray();

            await folder.WriteAsync(written);

            AssertSame(written, await folder.ReadAsync());
        },
        iter: 100);

    [Fact]
    public async Task Any_program_for_gzip_unpacks_it_to_line_protocol()
    {
        using var folder = new ExportFolder();
        var measurements = ExportFolder.Numbers("a device", 3_000).ToArray();
        await folder.WriteAsync((Bucket.Default, measurements));

        await using var unpacked = new GZipStream(File.OpenRead(folder.File), CompressionMode.Decompress);
        using var reader = new StreamReader(unpacked);
        var lines = (await reader.ReadToEndAsync(Cancelled)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#').ToArray();

        Assert.Equal(measurements.Length, lines.Length);
        Assert.Equal("climate,device=a\\ device,room=kitchen\\,\\ left temperature=0.1,state=\"number 1\",text=\"" + new string('x', 500) + "\" 1000000000", lines[1]);
    }

    [Fact]
    public async Task File_that_is_cut_anywhere_can_be_continued_and_is_whole_then()
    {
        using var folder = new ExportFolder();
        var content = TwoBuckets();
        await folder.WriteAsync(content);
        var whole = await File.ReadAllBytesAsync(folder.File, Cancelled);
        var random = new Random(5);
        for (var round = 0; round < 30; round++)
        {
            var cut = round < 10 ? 2 * round : random.Next(whole.Length);
            await File.WriteAllBytesAsync(folder.File, whole[..cut], Cancelled);

            await using (var writer = await folder.Files.ContinueAsync(folder.File, Cancelled) ?? await folder.Files.CreateAsync(folder.File, ExportFolder.Header([.. content.Select(one => one.Bucket)]), Cancelled))
                await ExportFolder.GoOnAsync(writer, content);

            AssertSame(content, await folder.ReadAsync());
        }
    }

    [Fact]
    public async Task Writer_that_is_given_up_leaves_all_that_it_was_given()
    {
        using var folder = new ExportFolder();
        var measurements = ExportFolder.Numbers("d", 5_000).ToArray();
        await using (var writer = await folder.Files.CreateAsync(folder.File, ExportFolder.Header(Bucket.Default), Cancelled))
        {
            await writer.BeginBucketAsync(Bucket.Default, Cancelled);
            await writer.WriteAsync(measurements[..4_000], Cancelled);
        }

        await using (var writer = await folder.Files.ContinueAsync(folder.File, Cancelled))
        {
            Assert.Equal((4_000, BucketName.Default), (writer!.Total.Measurements, writer.Begun));
            Assert.Equal(measurements[3_999].Timestamp, writer.Last!.Timestamp);
            await ExportFolder.GoOnAsync(writer, (Bucket.Default, measurements));
        }

        AssertSame([(Bucket.Default, measurements)], await folder.ReadAsync());
    }

    [Fact]
    public async Task Complete_file_is_known_as_complete()
    {
        using var folder = new ExportFolder();
        await folder.WriteAsync(TwoBuckets());

        await using var writer = await folder.Files.ContinueAsync(folder.File, Cancelled);

        Assert.True(writer!.IsComplete);
        Assert.Equal(12_000, writer.Total.Measurements);
        Assert.Equal(new FileInfo(folder.File).Length, writer.Bytes);
    }

    [Fact]
    public async Task Reading_goes_on_at_any_part_with_what_was_known_there()
    {
        using var folder = new ExportFolder();
        await folder.WriteAsync(TwoBuckets());
        var places = new List<(long Offset, BucketName? Bucket, BucketTally Tally, int Parts)>();
        await using (var reader = await folder.Files.OpenAsync(folder.File, Cancelled))
        {
            BucketName? bucket = null;
            for (var parts = 1; await reader.ReadAsync(Cancelled) is { } part; parts++)
            {
                bucket = part is BucketBegins begins ? begins.Bucket.Name : part is BucketEnds ? null : bucket;
                places.Add((reader.Offset, bucket, part is SomeMeasurements some ? some.Through : default, parts));
                (part as SomeMeasurements)?.Batch.Dispose();
            }
        }

        Assert.True(places.Count > 6, "The file has too few parts for this test.");
        foreach (var (offset, bucket, tally, parts) in places)
        {
            await using var reader = await folder.Files.OpenAsync(folder.File, Cancelled);
            await reader.SeekAsync(offset, bucket, tally, Cancelled);
            var left = 0;
            for (; await reader.ReadAsync(Cancelled) is { } part; left++)
                (part as SomeMeasurements)?.Batch.Dispose();
            Assert.Equal(places.Count, parts + left);
        }
    }

    [Fact]
    public async Task File_that_exists_is_not_written_over()
    {
        using var folder = new ExportFolder();
        await folder.WriteAsync(TwoBuckets());

        var exception = await Assert.ThrowsAsync<ExportFileException>(() => folder.Files.CreateAsync(folder.File, ExportFolder.Header(Bucket.Default), Cancelled).AsTask());

        Assert.Contains("exists already", exception.Message, StringComparison.Ordinal);
        Assert.Equal(2, (await folder.ReadAsync()).Count);
    }

    [Fact]
    public async Task State_of_an_import_is_kept_beside_the_file_until_it_is_forgotten()
    {
        using var folder = new ExportFolder();
        Assert.Null(await folder.Files.FindStateAsync(folder.File, Cancelled));
        var state = new ImportState("id", "target", 17, [new ImportedBucket("b", true, 5) { Read = new BucketTally(3, 4, ulong.MaxValue), Rejected = 1, Expired = 2, Countable = 3, IsEnded = true }]);

        Assert.True(await folder.Files.KeepStateAsync(folder.File, state, Cancelled));

        var found = await folder.Files.FindStateAsync(folder.File, Cancelled);
        Assert.Equal((state.ExportId, state.Target, state.Offset), (found!.ExportId, found.Target, found.Offset));
        Assert.Equal(state.Buckets, found.Buckets);
        Assert.True(await folder.Files.KeepStateAsync(folder.File, null, Cancelled));
        Assert.Null(await folder.Files.FindStateAsync(folder.File, Cancelled));
    }

    private static (Bucket Bucket, IReadOnlyList<Measurement> Measurements)[] TwoBuckets() =>
    [
        (ExportFolder.Bucket("first", "of two", 48), [.. ExportFolder.Numbers("a", 4_000), .. ExportFolder.Numbers("b", 2_000)]),
        (Bucket.Default, [.. ExportFolder.Numbers("c", 6_000)]),
    ];

    private static void AssertSame(
        IReadOnlyList<(Bucket Bucket, IReadOnlyList<Measurement> Measurements)> expected, IReadOnlyList<(Bucket Bucket, IReadOnlyList<Measurement> Measurements)> actual)
    {
        Assert.Equal(expected.Select(one => one.Bucket), actual.Select(one => one.Bucket));
        foreach (var (one, other) in expected.Zip(actual))
            Assert.Equal(one.Measurements.Select(measurement => measurement.Show()), other.Measurements.Select(measurement => measurement.Show()));
    }
}
