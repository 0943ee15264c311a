using System.Runtime.CompilerServices;
using IotBackend.Application.Measurements;
using IotBackend.Application.Measurements.Streams;
using IotBackend.Domain.Measurements;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>
/// Reads all measurements of a selection through one merge that stays open, so that no part costs a look at every series. What it holds is bounded: the
/// more series, the fewer points of each. Between its look-ups no snapshot of the files is held, however long the reader takes.
/// </summary>
internal sealed class StreamReader(BucketReads reads, MeasurementReader reader, ChunkSessions sessions)
{
    private const int PartSize = 1_024;
    private const int PointsAtOnce = 2 << 20;
    private const int SmallestBlock = 8;

    /// <summary>Points of a series to hold at a time, however few series there are.</summary>
    internal int LargestBlock { get; set; } = SeriesReader.Block;

    /// <summary>The stream of a bucket that was found.</summary>
    public MeasurementStream Read(BucketCatalog bucket, StreamQuery query)
    {
        var filter = query.Selection.Filter;
        var series = 0;
        var (tags, fields) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var origin in MeasurementReader.Select(bucket, filter))
        {
            var selected = MeasurementReader.SelectFields(origin, filter);
            series += selected.Length;
            if (!query.NeedsColumns || selected.Length == 0)
                continue;
            tags.UnionWith(origin.Key.Tags.Select(tag => tag.Key));
            fields.UnionWith(selected.Select(one => one.Field.Name));
        }

        var largest = Math.Min(LargestBlock, query.Limit ?? long.MaxValue);
        var block = (int)Math.Clamp(PointsAtOnce / Math.Max(1, series), Math.Min(SmallestBlock, largest), largest);
        return new MeasurementStream(new MeasurementColumns(Utf8Order.Sort(tags), Utf8Order.Sort(fields)), PartsAsync(bucket, query, block));
    }

#pragma warning disable CS1998 // Reading is not asynchronous, nor would it gain by it: whoever takes the parts waits between them.
    private async IAsyncEnumerable<IReadOnlyList<Measurement>> PartsAsync(
        BucketCatalog bucket, StreamQuery query, int block, [EnumeratorCancellation] CancellationToken cancellationToken = default)
#pragma warning restore CS1998
    {
        using var lease = sessions.Rent();
        var whole = new MeasurementQuery(query.Selection, query.Order, int.MaxValue, query.After);
        using var measurements = reader.Walk(bucket, whole, lease, block, cancellationToken).GetEnumerator();
        for (var left = query.Limit ?? long.MaxValue; left > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var size = (int)Math.Min(PartSize, left);
            var part = reads.Read(query.Selection.Filter.Bucket, found => Take(found == bucket, measurements, size));
            if (part.Error is { } error)
                throw new StreamBrokenException(error);
            if (part.Value is null)
                throw new StreamBrokenException(StoreErrors.NotFound(query.Selection.Filter.Bucket));
            if (part.Value.Count == 0)
                yield break;
            left -= part.Value.Count;
            yield return part.Value;
        }
    }

    // Null when the bucket of that name is another one by now.
    private static List<Measurement>? Take(bool isSame, IEnumerator<Measurement> measurements, int size)
    {
        if (!isSame)
            return null;
        var part = new List<Measurement>(size);
        while (part.Count < size && measurements.MoveNext())
            part.Add(measurements.Current);
        return part;
    }
}
