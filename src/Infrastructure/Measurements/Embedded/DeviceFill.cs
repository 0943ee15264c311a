namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>
/// Makes the records of devices from what is stored, for a folder of a version that had none: of each origin the field with the most points counts, and
/// the times of measurements stand for those of their receipt, which nobody has noted.
/// </summary>
internal sealed class DeviceFill(Catalog catalog, Memtable memtable, ChunkFile chunks)
{
    public void Run()
    {
        var packed = chunks.Summarize();
        foreach (var bucket in catalog.Buckets)
        {
            foreach (var origin in bucket.Origins)
                Fill(origin, packed);
        }
    }

    private void Fill(Origin origin, Dictionary<int, SeriesExtent> packed)
    {
        var (most, first, last) = (0L, long.MaxValue, long.MinValue);
        foreach (var series in origin.Fields)
        {
            var extent = memtable.ExtentOf(series);
            if (packed.TryGetValue(series.Id, out var chunked))
                extent = new SeriesExtent(Math.Min(extent.First, chunked.First), Math.Max(extent.Last, chunked.Last), extent.Points + chunked.Points);
            (most, first, last) = (Math.Max(most, extent.Points), Math.Min(first, extent.First), Math.Max(last, extent.Last));
        }

        if (most == 0)
            return;
        var device = origin.Owner;
        device.Record.Add(most, first, last);
        if (device.IsListed)
            return;
        device.IsListed = true;
        device.Bucket.Index.Add(device.Record);
    }
}
