using IotBackend.Application.Buckets;
using IotBackend.Application.Devices;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;

namespace IotBackend.Infrastructure.Devices;

/// <summary>
/// Looks now and then whether a bucket holds devices that nobody has counted: all of them after an upgrade, and later those that were written past
/// this program. What can not be found out now is looked for the next time.
/// </summary>
internal sealed class DeviceFilling(DeviceDirectory directory, IDeviceScan scan, IBucketStore buckets, TimeProvider time)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromHours(1);

    private readonly Dictionary<BucketName, DateTimeOffset> _lookedAt = [];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var all = await buckets.ListAsync(cancellationToken);
        if (all.Error is not null || !directory.IsLoaded)
            return;
        foreach (var bucket in all.Value)
        {
            var now = time.GetUtcNow();
            if (_lookedAt.TryGetValue(bucket.Name, out var last) && now - last < LookEvery)
                continue;
            if (await FillAsync(bucket.Name, cancellationToken) is null)
                _lookedAt[bucket.Name] = now;
        }
    }

    private async Task<Error?> FillAsync(BucketName bucket, CancellationToken cancellationToken)
    {
        var names = await scan.NamesAsync(bucket, cancellationToken);
        if (names.Error is { } error)
            return error;

        // After the names were asked for: what another node has counted meanwhile is not missing.
        await directory.ExchangeAsync(learns: true, cancellationToken);
        var missing = names.Value.Where(device => !directory.HasRecord(bucket, device)).ToHashSet(StringComparer.Ordinal);
        if (missing.Count == 0)
            return null;
        var found = await scan.SummarizeAsync(bucket, cancellationToken);
        if (found.Error is { } failure)
            return failure;
        var counts = found.Value.Where(device => missing.Contains(device.Device)).Select(device =>
            new StoredDeviceCount(bucket, device.Device, device.FirstSeen.Nanoseconds, device.LastSeen.Nanoseconds, device.Measurements));
        await directory.FillAsync([.. counts], cancellationToken);
        return null;
    }
}
