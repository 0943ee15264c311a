using System.Text;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>Reads whole devices, origin after origin in the order of their keys, without a merge over them.</summary>
internal sealed class DeviceReader(BucketReads reads, Memtable memtable, ChunkSessions sessions) : IMeasurementSource
{
    private const int PartSize = 4_096;

    public ValueTask<Result<IReadOnlyList<string>>> ListDevicesAsync(BucketName bucket, CancellationToken cancellationToken) =>
        ValueTask.FromResult(reads.Read<IReadOnlyList<string>>(bucket, static found =>
        {
            var devices = found.Devices.ToArray();
            Array.Sort(devices, static (a, b) => a.AsSpan().SequenceCompareTo(b));
            return [.. devices.Select(Encoding.UTF8.GetString)];
        }));

    public async ValueTask<Result<long>> ReadAsync(
        BucketName bucket, string device, TimeRange range, Func<IReadOnlyList<Measurement>, ValueTask> take, CancellationToken cancellationToken)
    {
        using var lease = sessions.Rent();
        var opened = reads.Read(bucket, found => Walk(found, device, range, lease, cancellationToken).GetEnumerator());
        if (opened.Error is { } missing)
            return missing;
        using var measurements = opened.Value;
        for (var count = 0L; ;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var part = reads.Read(bucket, _ => Take(measurements));
            if (part.Error is { } error)
                return error;
            if (part.Value.Count == 0)
                return count;
            count += part.Value.Count;
            await take(part.Value);
        }
    }

    private static List<Measurement> Take(IEnumerator<Measurement> measurements)
    {
        var part = new List<Measurement>(256);
        while (part.Count < PartSize && measurements.MoveNext())
            part.Add(measurements.Current);
        return part;
    }

    private IEnumerable<Measurement> Walk(BucketCatalog bucket, string device, TimeRange range, ChunkSessions.Lease lease, CancellationToken cancellationToken)
    {
        if (range.IsEmpty)
            yield break;
        var origins = bucket.OriginsOf(device).ToArray();
        Array.Sort(origins, static (a, b) => a.Utf8.AsSpan().SequenceCompareTo(b.Utf8));
        foreach (var origin in origins)
        {
            var fields = origin.Fields.ToArray();
            Array.Sort(fields, static (a, b) => a.Field.Utf8.AsSpan().SequenceCompareTo(b.Field.Utf8));
            var reader = new OriginReader(origin, fields, memtable, lease, descending: false, range.From.Nanoseconds, range.To.Nanoseconds);
            for (var hasNext = reader.Open(cancellationToken); hasNext;)
                yield return reader.Take(out hasNext);
        }
    }
}
