using System.Collections.Concurrent;
using System.Text;
using IotBackend.Application.ApiKeys;
using IotBackend.Application.Devices;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Infrastructure.Devices;

/// <summary>
/// The devices of a store that does not count them: each node counts what it takes in, adds that to what all have stored, and learns from there what
/// the others have counted. All of it is in memory, so that neither a write nor a question waits for a database.
/// </summary>
internal sealed class DeviceDirectory(IDeviceStore store, TimeProvider time) : IDeviceDirectory, IDisposable
{
    // Clocks of nodes may differ by half of it, and transactions take as long.
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(30);

    private static readonly Error NotLoaded =
        new(ErrorKind.Unavailable, ErrorCodes.KeyStoreUnavailable, "The devices are not known yet, because the key store could not be asked.")
        {
            RetryAfter = TimeSpan.FromSeconds(5),
        };

    private readonly ConcurrentDictionary<BucketName, CountedBucket> _buckets = new();
    private readonly ConcurrentQueue<CountedDevice> _dirty = new();

    // One at a time: what was read before something was added must not be taken on after it.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private DateTimeOffset? _learntAt;
    private volatile bool _isLoaded;

    /// <summary>True once it is known what all nodes have stored.</summary>
    public bool IsLoaded => _isLoaded;

    public ValueTask<Result<DevicePage>> ListAsync(DeviceQuery query, CancellationToken cancellationToken) =>
        ValueTask.FromResult<Result<DevicePage>>(_isLoaded ? Of(query.Bucket).Index.List(query) : NotLoaded);

    public ValueTask<Result<DeviceSummary?>> FindAsync(BucketName bucket, string device, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_isLoaded ? Result<DeviceSummary?>.Success(Find(bucket, device)) : NotLoaded);

    /// <summary>True when something was ever counted of the device, be nothing left of it.</summary>
    public bool HasRecord(BucketName bucket, string device) => Of(bucket).Find(device) is not null;

    /// <summary>True when the device has sent something that is still told of; also while it is not known, since then nothing may be said against it.</summary>
    public bool IsKnown(BucketName bucket, string device) => !_isLoaded || Of(bucket).Find(device)?.Record.Measurements > 0;

    /// <summary>Counts the rows of a batch that are not rejected, once they are durable. Allocates nothing for devices that are known.</summary>
    public void Count(BucketName bucket, MeasurementBatch batch)
    {
        var devices = Of(bucket);
        var seen = batch.ReceivedAt.Nanoseconds;
        for (var i = 0; i < batch.Rows.Length;)
        {
            var device = batch.Device(batch.Rows[i]);
            var count = 0;
            for (; i < batch.Rows.Length && batch.Device(batch.Rows[i]).SequenceEqual(device); i++)
                count += batch.Rows[i].IsRejected ? 0 : 1;
            if (count > 0 && devices.Of(device) is var counted && counted.Count(count, seen))
                _dirty.Enqueue(counted);
        }
    }

    /// <summary>Nothing is left of these devices; null: of any in the bucket.</summary>
    /// <exception cref="KeyStoreUnavailableException">The other nodes can not be told; this one forgets them all the same.</exception>
    public async Task ForgetAsync(BucketName bucket, IReadOnlyCollection<string>? devices, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var known = Of(bucket);
            foreach (var device in devices is null ? known.Devices : devices.Select(known.Find).OfType<CountedDevice>())
                device.Forget();
            await store.ForgetAsync(bucket, devices, time.GetUtcNow(), cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Stores what was counted here, then learns what other nodes have counted.</summary>
    /// <param name="learns">Whether it is time for the latter.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="KeyStoreUnavailableException">It is tried again the next time; nothing is lost.</exception>
    public async Task ExchangeAsync(bool learns, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            await StoreAsync(cancellationToken);
            if (learns || !_isLoaded)
                await LearnAsync(cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Puts in devices that nobody has counted, and learns them.</summary>
    /// <exception cref="KeyStoreUnavailableException">Nothing was put in.</exception>
    public async Task FillAsync(IReadOnlyCollection<StoredDeviceCount> found, CancellationToken cancellationToken)
    {
        await store.FillAsync(found, time.GetUtcNow(), cancellationToken);
        await ExchangeAsync(learns: true, cancellationToken);
    }

    public void Dispose() => _turn.Dispose();

    private DeviceSummary? Find(BucketName bucket, string device) =>
        Of(bucket).Find(device)?.Record is { Measurements: > 0 } record ? record.ToSummary() : null;

    private CountedBucket Of(BucketName bucket) => _buckets.GetOrAdd(bucket, static name => new CountedBucket(name));

    private async Task StoreAsync(CancellationToken cancellationToken)
    {
        var taken = new List<(CountedDevice Device, StoredDeviceCount Count)>();
        while (_dirty.TryDequeue(out var device))
        {
            if (device.Take() is { } count)
                taken.Add((device, count));
        }

        if (taken.Count == 0)
            return;
        try
        {
            await store.AddAsync([.. taken.Select(one => one.Count)], time.GetUtcNow(), cancellationToken);
        }
        catch
        {
            foreach (var (device, count) in taken)
            {
                device.GiveBack(count);
                _dirty.Enqueue(device);
            }

            throw;
        }

        taken.ForEach(one => one.Device.Stored(one.Count));
    }

    private async Task LearnAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        foreach (var stored in await store.ListAsync(_learntAt - Overlap, cancellationToken))
            Of(stored.Bucket).Of(Encoding.UTF8.GetBytes(stored.Device)).Learn(stored);
        _learntAt = now;
        _isLoaded = true;
    }
}
