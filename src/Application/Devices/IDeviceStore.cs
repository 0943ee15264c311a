using IotBackend.Domain.Buckets;

namespace IotBackend.Application.Devices;

/// <summary>Where nodes that serve together keep what they have counted of devices, beside a store of measurements that does not count them.</summary>
public interface IDeviceStore
{
    /// <summary>The devices that were changed at the time or later by the clock of whoever changed them, with those of which nothing is left; all without a time.</summary>
    /// <exception cref="ApiKeys.KeyStoreUnavailableException">The database can not be asked now.</exception>
    Task<IReadOnlyList<StoredDeviceCount>> ListAsync(DateTimeOffset? since, CancellationToken cancellationToken);

    /// <summary>Adds to what is there; several nodes may do so at once.</summary>
    /// <exception cref="ApiKeys.KeyStoreUnavailableException">Nothing was added.</exception>
    Task AddAsync(IReadOnlyCollection<StoredDeviceCount> counts, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Puts in those that are not there yet.</summary>
    /// <exception cref="ApiKeys.KeyStoreUnavailableException">Nothing was put in.</exception>
    Task FillAsync(IReadOnlyCollection<StoredDeviceCount> counts, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Nothing is left of these devices; null: of any in the bucket.</summary>
    /// <exception cref="ApiKeys.KeyStoreUnavailableException">It was not written.</exception>
    Task ForgetAsync(BucketName bucket, IReadOnlyCollection<string>? devices, DateTimeOffset now, CancellationToken cancellationToken);
}

/// <param name="Bucket">The bucket.</param>
/// <param name="Device">The device's name.</param>
/// <param name="FirstSeen">Nanoseconds since 1970.</param>
/// <param name="LastSeen">Nanoseconds since 1970.</param>
/// <param name="Measurements">How many; none when nothing is left of it.</param>
public readonly record struct StoredDeviceCount(BucketName Bucket, string Device, long FirstSeen, long LastSeen, long Measurements);
