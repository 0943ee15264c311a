using IotBackend.Domain.Buckets;
using IotBackend.Infrastructure.Measurements.Lines;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>Asks InfluxDB for the devices of a bucket.</summary>
internal sealed class DeviceNames(InfluxDbClient client)
{
    /// <summary>In no order, and some of them more than once.</summary>
    /// <exception cref="InfluxDbException">InfluxDB failed.</exception>
    public async Task<IReadOnlyList<string>> ListAsync(BucketName bucket, CancellationToken cancellationToken)
    {
        // The range is for 3.x, which looks at the last day alone unless it is told otherwise.
        var statement = new InfluxQl(bindsValues: false)
            .Append("SHOW TAG VALUES WITH KEY = ").AppendName(Keys.Device).Append(" WHERE time >= ").AppendNumber(Ends.Earliest.Nanoseconds);
        using var answer = await client.QueryAsync(bucket, statement, cancellationToken);
        return [.. answer.Series.SelectMany(series => series.Rows).Select(row => row[1].GetString()).OfType<string>()];
    }
}
