using IotBackend.Application.Measurements;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using IotBackend.Infrastructure.Measurements.Spool;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>
/// Deletes points. InfluxDB deletes whole points only: to delete some fields, the others are put into the spool, durably, the points are
/// deleted, and the others are written back from there; whatever happens in between, they come back.
/// </summary>
internal sealed class PointDeleter(InfluxDbClient client, DialectSource dialects, BucketChannels channels, MeasurementReader reader, SpoolQueue? spool = null)
{
    private const int RowsAtOnce = 10_000;

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
                if (spool?.WaitingIn(selection.Filter.Bucket) > 0)
                    return Failures.SpoolWaits;
                return selection.Filter.Fields.Count == 0
                    ? await DeletePointsAsync(dialect, selection, cancellationToken)
                    : await DeleteFieldsAsync(dialect, channel, selection, cancellationToken);
            },
            cancellationToken);
    }

    /// <summary>Deletes all that is older, where the version can; what it can not, its own retention will.</summary>
    /// <exception cref="InfluxDbException">InfluxDB failed.</exception>
    public async Task DeleteOlderAsync(BucketName bucket, Timestamp oldest, CancellationToken cancellationToken)
    {
        if (!(await dialects.GetAsync(cancellationToken)).DeletesPoints || oldest <= Ends.Earliest)
            return;
        if (!await (await client.AdministerAsync(cancellationToken)).OwnsAllAsync(bucket, cancellationToken))
            return;

        // What begins with an underscore is not a client's.
        var statement = new InfluxQl(bindsValues: false).Append("DELETE FROM /^[^_]/ WHERE time < ").AppendNumber(oldest.Nanoseconds);
        await client.ExecuteAsync(bucket, statement, cancellationToken);
    }

    private async Task<Result<long>> DeletePointsAsync(IDialect dialect, MeasurementSelection selection, CancellationToken cancellationToken)
    {
        var count = await reader.CountAsync(selection, cancellationToken);
        if (count > 0)
            await ExecuteAsync(dialect, selection, cancellationToken);
        return count;
    }

    // Some at a time, cut where the time changes, so that a deletion by time takes just what was read.
    private async Task<Result<long>> DeleteFieldsAsync(
        IDialect dialect, BucketChannel channel, MeasurementSelection selection, CancellationToken cancellationToken)
    {
        var count = 0L;
        var left = selection with { Filter = selection.Filter with { Fields = [] } };
        while (await reader.FindLastTimeAsync(left, SortOrder.Ascending, RowsAtOnce, cancellationToken) is { } last)
        {
            var next = new Timestamp(last.Nanoseconds + 1);
            var some = left with { Range = left.Range with { To = next } };
            var result = await DeleteFieldsAsync(dialect, channel, some, selection.Filter.Fields, cancellationToken);
            if (result.Error is { } error)
                return error;
            count += result.Value;
            left = left with { Range = left.Range with { From = next } };
        }

        return count;
    }

    private async Task<Result<long>> DeleteFieldsAsync(
        IDialect dialect, BucketChannel channel, MeasurementSelection some, IReadOnlyList<string> fields, CancellationToken cancellationToken)
    {
        var items = await reader.ReadAllAsync(some, cancellationToken);
        var count = items.LongCount(item => item.Fields.Any(field => fields.Contains(field.Name)));
        if (count == 0)
            return 0L;
        using var rest = new RemainingLines(items, fields);
        if (rest.Count > 0 && spool is null)
            return Failures.Unavailable;
        if (rest.Count > 0 && await spool!.AppendAsync(some.Filter.Bucket, rest.Count, rest.Text) != SpoolAppend.Stored)
            return Failures.SpoolFull;
        await ExecuteAsync(dialect, some, cancellationToken);

        // If it fails now, it waits in the spool like anything else.
        await channel.DrainNowAsync(cancellationToken);
        return count;
    }

    private async Task ExecuteAsync(IDialect dialect, MeasurementSelection selection, CancellationToken cancellationToken)
    {
        // Names alone select here: which fields a point has does not matter to its deletion.
        var what = new Selection(dialect, selection, [.. channels.Of(selection.Filter.Bucket).Types.Measurements()]);
        foreach (var (text, _) in what.Statements(dialect, (text, measurement) =>
        {
            what.AppendWhere(text.Append("DELETE FROM ").AppendName(measurement.Name));
        }))
        {
            await client.ExecuteAsync(selection.Filter.Bucket, text, cancellationToken);
        }
    }
}
