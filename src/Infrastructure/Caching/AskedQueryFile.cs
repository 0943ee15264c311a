using System.Text.Json;
using IotBackend.Application.Caching;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using Microsoft.Extensions.Logging;

namespace IotBackend.Infrastructure.Caching;

/// <summary>The most asked queries in a file of the data folder, readable by its owner alone as devices' names stand in it. A file that is damaged is none.</summary>
internal sealed partial class AskedQueryFile(string folder, ILogger<AskedQueryFile> logger) : IAskedQueryFile
{
    public const string FileName = "cache-warming.json";

    private const int MaxBytes = 4 << 20;

    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    private readonly string _file = Path.Combine(folder, FileName);

    public async ValueTask<IReadOnlyList<CountedQuery>> LoadAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (new FileInfo(_file) is not { Exists: true, Length: <= MaxBytes })
                return [];
            await using var file = File.OpenRead(_file);
            var entries = await JsonSerializer.DeserializeAsync<Entry?[]>(file, Options, cancellationToken);
            return [.. (entries ?? []).Select(ToQuery).OfType<CountedQuery>().Take(AskedQueries.MaxKept)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            Log.NotRead(logger, exception, _file);
            return [];
        }
    }

    public async ValueTask SaveAsync(IReadOnlyList<CountedQuery> queries, CancellationToken cancellationToken)
    {
        try
        {
            // Beside it and then in its place, so that no half of it is ever read.
            var next = _file + ".next";
            await using (var file = new FileStream(next, Creation()))
                await JsonSerializer.SerializeAsync(file, queries.Take(AskedQueries.MaxKept).Select(FromQuery), Options, cancellationToken);
            File.Move(next, _file, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Log.NotKept(logger, exception, _file);
        }
    }

    private static FileStreamOptions Creation()
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }

    private static Entry FromQuery(CountedQuery counted) => new(
        counted.Query.Address, [.. counted.Query.Buckets.Select(bucket => bucket.Value)], [.. counted.Query.Devices.Patterns.Select(pattern => pattern.Text)], counted.Count);

    // Whoever writes into the file must not get more by it than by asking: what can not be read as it was written is left out.
    private static CountedQuery? ToQuery(Entry? entry)
    {
        if (entry is not { Query: { } address, Buckets: { } names, Devices: { } patterns, Count: > 0 })
            return null;
        var buckets = names.Select(name => name is null ? null : BucketName.TryParse(name, out _)).OfType<BucketName>().ToArray();
        var devices = patterns.Select(text => text is null ? null : DevicePattern.TryParse(text, out _)).OfType<DevicePattern>().ToArray();
        return buckets.Length == names.Length && devices.Length == patterns.Length
            ? new CountedQuery(new AskedQuery(address, buckets, devices.Length == 0 ? DeviceSet.All : new DeviceSet(devices)), entry.Count)
            : null;
    }

    private sealed record Entry(string? Query, string?[]? Buckets, string?[]? Devices, long Count);

    private static partial class Log
    {
        [LoggerMessage(94, LogLevel.Warning, "The most asked queries in {File} can not be read; the cache starts without them")]
        public static partial void NotRead(ILogger logger, Exception exception, string file);

        [LoggerMessage(95, LogLevel.Warning, "The most asked queries can not be kept in {File}")]
        public static partial void NotKept(ILogger logger, Exception exception, string file);
    }
}
