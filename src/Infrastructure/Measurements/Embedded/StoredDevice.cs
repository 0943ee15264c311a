using IotBackend.Infrastructure.Devices;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>A device of a bucket: its origins, and what is told of it. Written by the committer alone.</summary>
internal sealed class StoredDevice(BucketCatalog bucket, byte[] utf8)
{
    private volatile GrowingList<Origin> _origins = GrowingList<Origin>.Empty;

    public BucketCatalog Bucket => bucket;

    public DeviceRecord Record { get; } = new(utf8);

    /// <summary>In the order in which they came; a whole list at any time.</summary>
    public GrowingList<Origin> Origins => _origins;

    /// <summary>The last inbox row that is counted in what is on disk of the record.</summary>
    public long SavedTo { get; set; }

    /// <summary>True once it stands in the bucket's index.</summary>
    public bool IsListed { get; set; }

    /// <summary>True while it stands among those whose record is to be written to disk.</summary>
    public bool IsDirty { get; set; }

    public void Add(Origin origin) => _origins = _origins.With(origin);

    public void RemoveLast(int count) => _origins = _origins.WithoutLast(count);
}
