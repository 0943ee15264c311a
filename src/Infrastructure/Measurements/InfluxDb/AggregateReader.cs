using System.Text.Json;
using IotBackend.Application.Measurements.Aggregates;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Measurements.Aggregates;
using IotBackend.Domain.Results;
using IotBackend.Infrastructure.Measurements.Lines;
using Microsoft.Extensions.Options;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>
/// Aggregates of few values are made here, from the streamed points: for InfluxDB each function of each field is a walk of its own through every shard.
/// Of more, they are made by InfluxDB where its result is as good as that of this server, and else from the streamed points too: a median, a percentile
/// and a deviation always, a sum or a mean where the rounding of its plain additions could be seen.
/// </summary>
internal sealed class AggregateReader(InfluxDbClient client, DialectSource dialects, BucketChannels channels, IOptions<InfluxDbOptions> options)
{
    // Functions of InfluxDB that give the very value, and those of which its sum is judged.
    private static readonly AggregateFunction[] Exact =
        [AggregateFunction.Count, AggregateFunction.Min, AggregateFunction.Max, AggregateFunction.First, AggregateFunction.Last];

    private static readonly AggregateFunction[] Sums = [AggregateFunction.Sum, AggregateFunction.Mean];

    /// <exception cref="InfluxDbException">InfluxDB failed.</exception>
    public async Task<Result<IReadOnlyList<AggregatedSeries>>> ReadAsync(AggregateQuery query, CancellationToken cancellationToken)
    {
        var filter = query.Selection.Filter;
        var dialect = await dialects.GetAsync(cancellationToken);
        var types = channels.Of(filter.Bucket).Types;
        await types.LoadAsync(cancellationToken);
        var known = types.Measurements();
        var named = known.Where(measurement => filter.Names.Count == 0 || filter.Names.Contains(measurement.Name));
        if (AggregateErrors.CheckTypes(filter, named.SelectMany(measurement => measurement.Fields.Select(field => (field.Name, field.Type)))) is { } error)
            return error;
        var numbers = known.Select(measurement => measurement with { Fields = [.. measurement.Fields.Where(field => field.Type == FieldType.Number)] });
        var what = new Selection(dialect, query.Selection, [.. numbers]);
        var found = await FindAsync(dialect, what, query, cancellationToken);
        if (found is null)
            return AggregateErrors.TooLarge(query, await CountSeriesAsync(dialect, what, query, cancellationToken));
        return found
            .OrderBy(series => series.Key)
            .ThenBy(series => System.Text.Encoding.UTF8.GetBytes(series.Field), Utf8Order.Instance)
            .ToArray();
    }

    // Null when there are more windows than there may be.
    private async Task<List<AggregatedSeries>?> FindAsync(IDialect dialect, Selection what, AggregateQuery query, CancellationToken cancellationToken)
    {
        if (!CanBeMadeThere(query))
            return await AggregateHereAsync(dialect, what, query, cancellationToken);
        if (options.Value.MaxStreamedValues > 0)
        {
            var few = new StreamedWindows(query, options.Value.MaxStreamedValues);
            await StreamAsync(dialect, what, query, few, cancellationToken);
            if (!few.HasTooManyValues)
                return few.Complete();
        }

        var answers = new AggregateAnswers(query);
        try
        {
            // A statement for each field: all fields in one take InfluxDB longer than one after the other, and each has the time that a query has.
            await AskAsync(
                what.StatementsByField(dialect, (text, measurement) => AppendAggregates(text, what, measurement, query)),
                query,
                (series, measurement) => answers.TryAdd(series, measurement.Fields),
                cancellationToken);
        }
        catch (InfluxDbException exception) when (exception.Failure == InfluxDbFailure.Unavailable && answers.AskedForSums)
        {
            // It breaks off where a sum is beyond what JSON can tell. Should it really be down, the next question says so.
            return await AggregateHereAsync(dialect, what, query, cancellationToken);
        }

        if (answers.IsTooLarge)
            return null;
        return answers.ArePrecise ? answers.Series : await AggregateHereAsync(dialect, what, query, cancellationToken);
    }

    private static bool CanBeMadeThere(AggregateQuery query) =>
        !query.Functions.Except(Exact).Except(Sums).Any() && (query.Windows.Length == 0 || LieWithinTime(query.Windows));

    // A window that reaches the end of time loses, in InfluxDB, what lies at the very end, and one that begins with time is said to begin at the epoch.
    private static bool LieWithinTime(WindowGrid windows)
    {
        var first = Math.Max(windows.Range.From.Nanoseconds, Ends.Earliest.Nanoseconds);
        var last = Math.Min(windows.Range.To.Nanoseconds - 1, Ends.Latest.Nanoseconds);
        return windows.StartOf(first) > Ends.Earliest.Nanoseconds && windows.LastOf(last) < Ends.Latest.Nanoseconds;
    }

    private async Task<List<AggregatedSeries>?> AggregateHereAsync(IDialect dialect, Selection what, AggregateQuery query, CancellationToken cancellationToken)
    {
        var points = new StreamedWindows(query);
        await StreamAsync(dialect, what, query, points, cancellationToken);
        return points.Complete();
    }

    private Task StreamAsync(IDialect dialect, Selection what, AggregateQuery query, StreamedWindows windows, CancellationToken cancellationToken) => AskAsync(
        what.Statements(dialect, (text, measurement) =>
        {
            what.AppendSelect(text, measurement);
            text.Append(" GROUP BY *");
        }),
        query,
        (series, measurement) => windows.TryAdd(series, measurement.Fields),
        cancellationToken);

    private async Task<long> CountSeriesAsync(IDialect dialect, Selection what, AggregateQuery query, CancellationToken cancellationToken)
    {
        var count = 0L;
        await AskAsync(
            what.StatementsByField(dialect, (text, measurement) =>
            {
                what.AppendSelect(text, measurement, "count");
                text.Append(" GROUP BY *");
            }),
            query,
            (series, _) =>
            {
                count += series.Rows.Sum(static row => row.EnumerateArray().Skip(1).LongCount(cell => cell.ValueKind == JsonValueKind.Number && cell.GetInt64() > 0));
                return true;
            },
            cancellationToken);
        return count;
    }

    // The reader says whether it wants more.
    private async Task AskAsync(
        IEnumerable<(InfluxQl Text, MeasurementFields[] Of)> statements,
        AggregateQuery query,
        Func<AnswerSeries, MeasurementFields, bool> read,
        CancellationToken cancellationToken)
    {
        foreach (var (text, measurements) in statements)
        {
            await foreach (var answer in client.StreamAsync(query.Selection.Filter.Bucket, text, cancellationToken))
            {
                foreach (var series in answer.Series)
                {
                    if (!read(series, measurements[series.Statement]))
                        return;
                }
            }
        }
    }

    private static void AppendAggregates(InfluxQl text, Selection what, MeasurementFields measurement, AggregateQuery query)
    {
        var separator = "SELECT ";
        foreach (var field in measurement.Fields)
        {
            foreach (var function in AggregateAnswers.FunctionsFor(query))
            {
                text.Append(separator).Append(AggregateAnswers.NameOf(function)).Append("(").AppendName(Keys.Encode(field.Name)).Append(field.Cast).Append(")");
                separator = ",";
            }
        }

        text.Append(" FROM ").AppendName(measurement.Name);
        what.AppendWhere(text);
        text.Append(" GROUP BY *");
        if (query.Windows.Length > 0)
            text.Append(",time(").AppendNumber(query.Windows.Length).Append("ns) fill(none)");
    }
}
