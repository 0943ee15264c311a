using IotBackend.Application.Measurements;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using IotBackend.Infrastructure.Measurements.Spool;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>
/// Counts and deletes points. InfluxDB deletes whole points only: to delete some fields, the others are put into the spool, durably, the
/// points are deleted, and the spool writes the others back; whatever happens in between, they come back.
/// </summary>
internal sealed class PointDeleter(InfluxDbClient client, DialectSource dialects, BucketChannels channels, MeasurementReader reader, SpoolQueue spool)
{
    private const int RowsAtOnce = 10_000;

    /// <summary>How many measurements a selection holds.</summary>
    /// <exception cref="InfluxDbException">InfluxDB failed.</exception>
    public async Task<long> CountAsync(MeasurementSelection selection, CancellationToken cancellationToken)
    {
        var dialect = await dialects.GetAsync(cancellationToken);
        var filter = selection.Filter;
        var statement = new InfluxQl(dialect.BindsValues)
            .Append("SELECT ").AppendFields(filter).AppendFrom(filter).AppendWhere(filter, selection.Range).Append(" GROUP BY *");
        var count = 0L;
        await foreach (var part in client.StreamAsync(filter.Bucket, statement, cancellationToken))
            count += part.Series.Sum(series => series.Rows.LongCount());
        return count;
    }

    /// <summary>Deletes what a selection holds and returns how many measurements lost a value.</summary>
    /// <exception cref="InfluxDbException">InfluxDB failed, or this version can not delete.</exception>
    public async Task<Result<long>> DeleteAsync(MeasurementSelection selection, CancellationToken cancellationToken)
    {
        var dialect = await dialects.GetAsync(cancellationToken);
        if (!dialect.DeletesPoints)
            throw new InfluxDbException(InfluxDbFailure.NotSupported, $"{dialect.Name} can not delete single measurements.");
        var channel = channels.Of(selection.Filter.Bucket);
        return await channel.ExclusivelyAsync(
            async () =>
            {
                // What waits was there before, and would come back after.
                if (spool.WaitingIn(selection.Filter.Bucket) > 0)
                    return Failures.SpoolWaits;
                return selection.Filter.Fields.Count == 0
                    ? await DeletePointsAsync(dialect, selection, cancellationToken)
                    : await DeleteFieldsAsync(dialect, selection, cancellationToken);
            },
            cancellationToken);
    }

    private async Task<Result<long>> DeletePointsAsync(IDialect dialect, MeasurementSelection selection, CancellationToken cancellationToken)
    {
        var count = await CountAsync(selection, cancellationToken);
        if (count > 0)
            await ExecuteAsync(dialect, selection, cancellationToken);
        return count;
    }

    // Some at a time, cut where the time changes, so that a deletion by time takes just what was read.
    private async Task<Result<long>> DeleteFieldsAsync(IDialect dialect, MeasurementSelection selection, CancellationToken cancellationToken)
    {
        var count = 0L;
        var left = selection with { Filter = selection.Filter with { Fields = [] } };
        while (await reader.FindLastTimeAsync(left, SortOrder.Ascending, RowsAtOnce, cancellationToken) is { } last)
        {
            var next = new Timestamp(last.Nanoseconds + 1);
            var some = left with { Range = left.Range with { To = next } };
            var result = await DeleteFieldsAsync(dialect, some, selection.Filter.Fields, cancellationToken);
            if (result.Error is { } error)
                return error;
            count += result.Value;
            left = left with { Range = left.Range with { From = next } };
        }

        return count;
    }

    private async Task<Result<long>> DeleteFieldsAsync(
        IDialect dialect, MeasurementSelection some, IReadOnlyList<string> fields, CancellationToken cancellationToken)
    {
        var items = await reader.ReadAllAsync(some, cancellationToken);
        var count = items.LongCount(item => item.Fields.Any(field => fields.Contains(field.Name)));
        if (count == 0)
            return 0L;
        using var rest = new RemainingLines(items, fields);
        if (rest.Count > 0 && await spool.AppendAsync(some.Filter.Bucket, rest.Count, rest.Text) != SpoolAppend.Stored)
            return Failures.SpoolFull;
        await ExecuteAsync(dialect, some, cancellationToken);
        return count;
    }

    private Task ExecuteAsync(IDialect dialect, MeasurementSelection selection, CancellationToken cancellationToken)
    {
        var statement = new InfluxQl(dialect.BindsValues)
            .Append("DELETE").AppendFrom(selection.Filter).AppendWhere(selection.Filter, selection.Range);
        return client.ExecuteAsync(selection.Filter.Bucket, statement, cancellationToken);
    }
}
