using System.Runtime.CompilerServices;
using IotBackend.Application.Measurements;
using IotBackend.Application.Measurements.Streams;
using IotBackend.Domain.Measurements;
using Microsoft.Extensions.Logging;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>
/// Reads all measurements of a selection in large pages: InfluxDB has no order over all series but within a page that was asked for in two steps.
/// </summary>
internal sealed class StreamReader(MeasurementReader reader, ILogger<StreamReader> logger)
{
    private const int PageSize = 10_000;

    /// <summary>Tags and fields that the selection has values of.</summary>
    /// <exception cref="InfluxDbException">InfluxDB failed.</exception>
    public async Task<MeasurementColumns> ReadColumnsAsync(MeasurementSelection selection, CancellationToken cancellationToken)
    {
        var (tags, fields) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        await reader.VisitNewestAsync(
            selection,
            (key, field) =>
            {
                tags.UnionWith(key.Tags.Select(tag => tag.Key));
                fields.Add(field);
            },
            cancellationToken);
        return new MeasurementColumns(Utf8Order.Sort(tags), Utf8Order.Sort(fields));
    }

    /// <summary>All that the query selects.</summary>
    public async IAsyncEnumerable<IReadOnlyList<Measurement>> ReadAsync(StreamQuery query, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var bucket = query.Selection.Filter.Bucket;
        var size = (int)Math.Min(PageSize, query.Limit ?? PageSize);
        for (var after = query.After; ;)
        {
            var from = after;
            var page = await Failures.CatchAsync<MeasurementPage>(
                logger,
                bucket,
                async () => await reader.ReadAsync(new MeasurementQuery(query.Selection, query.Order, size, from), cancellationToken),
                Failures.QueryTimedOut);
            if (page.Error is { } error)
                throw new StreamBrokenException(error);
            if (page.Value.Items.Count > 0)
                yield return page.Value.Items;
            if (!page.Value.HasMore)
                yield break;
            var last = page.Value.Items[^1];
            after = new MeasurementPosition(last.Timestamp, last.Key);
        }
    }
}
