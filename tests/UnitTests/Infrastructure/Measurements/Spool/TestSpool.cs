using System.Text;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;
using IotBackend.Infrastructure.Measurements.Spool;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Spool;

/// <summary>A spool in a folder of its own, which goes when the test ends. Its payloads are texts.</summary>
internal sealed class TestSpool : IDisposable
{
    public const long Unlimited = 1_000_000;

    public static readonly BucketName A = BucketName.TryParse("a", out _)!;
    public static readonly BucketName B = BucketName.TryParse("b", out _)!;

    private readonly SpoolOptions _options;
    private SpoolQueue? _queue;

    public TestSpool(long maxBytes = 1 << 30, string? folder = null)
    {
        _options = new SpoolOptions { MaxBytes = maxBytes };
        Folder = folder ?? Directory.CreateTempSubdirectory("iot-spool-").FullName;
        Open();
    }

    public string Folder { get; }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 23, 20, 44, 0, TimeSpan.Zero));

    public SpoolQueue Queue => _queue ?? throw new InvalidOperationException("The spool is closed.");

    /// <summary>The folder as a crash at this moment would leave it. Nothing may be written meanwhile.</summary>
    public static string Copy(string folder)
    {
        var copy = Directory.CreateTempSubdirectory("iot-spool-").FullName;
        foreach (var file in Directory.EnumerateFiles(folder).Where(file => Path.GetFileName(file) != "lock"))
        {
            using var from = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var to = File.Create(Path.Combine(copy, Path.GetFileName(file)));
            from.CopyTo(to);
        }

        return copy;
    }

    /// <summary>The spool that a start finds when the process had ended at this moment.</summary>
    public TestSpool Crashed() => new(_options.MaxBytes, Copy(Folder));

    public void Restart()
    {
        Close();
        Open();
    }

    public void Open() => _queue = new SpoolQueue(Folder, _options, Time, NullLogger<SpoolQueue>.Instance);

    public void Close()
    {
        _queue?.Dispose();
        _queue = null;
    }

    public Task<SpoolAppend> TryAppendAsync(BucketName bucket, string payload, int measurements = 1) =>
        Queue.AppendAsync(bucket, measurements, Encoding.UTF8.GetBytes(payload));

    public async Task AppendAsync(BucketName bucket, params string[] payloads)
    {
        foreach (var payload in payloads)
            Assert.Equal(SpoolAppend.Stored, await TryAppendAsync(bucket, payload));
    }

    public async Task<IReadOnlyList<SpoolEntry>> PeekAsync(BucketName bucket, long maxBytes = long.MaxValue) =>
        await Queue.PeekAsync(bucket, maxBytes, TestContext.Current.CancellationToken);

    public async Task<string[]> PayloadsAsync(BucketName bucket, long maxBytes = long.MaxValue) => [.. (await PeekAsync(bucket, maxBytes)).Select(Text)];

    public async Task CompleteAsync(IReadOnlyList<SpoolEntry> done, params SpoolRefusal[] refused) =>
        Assert.True(await Queue.CompleteAsync(done, refused));

    /// <summary>All that waits in the bucket is refused, each entry with this reason.</summary>
    public async Task RefuseAllAsync(BucketName bucket, string reason = "no")
    {
        var done = await PeekAsync(bucket);
        await CompleteAsync(done, [.. done.Select(entry => Refusal(entry, reason))]);
    }

    public async Task<IReadOnlyList<RefusedMeasurements>> RefusedAsync(params BucketName[] buckets) =>
        Success(await Queue.ListRefusedAsync(buckets, 1_000, null, TestContext.Current.CancellationToken)).Items;

    public async Task<long> ReplayAsync(long? id, params BucketName[] buckets) =>
        Success(await Queue.ReplayAsync(buckets, id, TestContext.Current.CancellationToken));

    public async Task<long> DiscardAsync(long id, params BucketName[] buckets) =>
        Success(await Queue.DiscardAsync(buckets, id, TestContext.Current.CancellationToken));

    public void Dispose()
    {
        Close();
        Directory.Delete(Folder, recursive: true);
    }

    public static SpoolRefusal Refusal(SpoolEntry entry, string reason = "no") =>
        new(entry.Bucket, ErrorCodes.FieldTypeConflict, reason, entry.Measurements, entry.Payload);

    public static string Text(SpoolEntry entry) => Encoding.UTF8.GetString(entry.Payload.Span);

    /// <summary>Changes one bit of the text where the file holds it, as a failing disk does.</summary>
    public static void Damage(string folder, string text)
    {
        var path = Path.Combine(folder, SpoolFile.FileName);
        var bytes = File.ReadAllBytes(path);
        var at = bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text));
        Assert.True(at > 0, "The text must be found to be damaged.");
        bytes[at] ^= 0x20;
        File.WriteAllBytes(path, bytes);
    }

    public static T Success<T>(Result<T> result)
    {
        Assert.Null(result.Error);
        return result.Value;
    }
}
