using IotBackend.Domain.Buckets;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>
/// Buckets of 1.x: a database and its default retention policy. 1.x knows no descriptions: they lie in the database as a point of their own
/// at time 0, under a retention policy that keeps for ever and that nothing else is written to.
/// </summary>
internal sealed class Version1Buckets(InfluxDbClient client, Version1Dialect dialect) : IBucketAdministration
{
    private const string DescriptionPolicy = "_iotbackend";
    private const string DescriptionMeasurement = "_bucket";
    private const string DefaultPolicy = "autogen";

    // Databases whose policies are asked for in one request.
    private const int Together = 100;

    public async Task<IReadOnlyList<Bucket>> ListAsync(CancellationToken cancellationToken)
    {
        var names = new List<BucketName>();
        using (var databases = await client.QueryAsync(null, Statement().Append("SHOW DATABASES"), cancellationToken))
        {
            foreach (var row in databases.Series.SelectMany(series => series.Rows))
            {
                if (DatabaseName.Decode(row[0].GetString()!) is { } name)
                    names.Add(name);
            }
        }

        var buckets = new List<Bucket>(names.Count);
        foreach (var some in names.Chunk(Together))
            buckets.AddRange(await ReadAsync(some, cancellationToken));
        return buckets;
    }

    public async Task CreateAsync(Bucket bucket, CancellationToken cancellationToken)
    {
        var statement = Statement().Append("CREATE DATABASE ").AppendName(DatabaseName.Encode(bucket.Name)).Append(" WITH DURATION ");
        AppendDuration(statement, bucket.Retention).Append(" REPLICATION 1 SHARD DURATION ").Append(ShardDuration(bucket.Retention))
            .Append(" NAME ").AppendName(DefaultPolicy);
        await client.ExecuteAsync(null, statement, cancellationToken);
        if (bucket.Description.Length > 0)
            await DescribeAsync(bucket, cancellationToken);
    }

    public async Task ChangeAsync(Bucket bucket, CancellationToken cancellationToken)
    {
        var policy = await FindPolicyAsync(bucket.Name, cancellationToken)
            ?? throw new InfluxDbException(InfluxDbFailure.BucketNotFound, "It is gone.");
        var statement = Statement().Append("ALTER RETENTION POLICY ").AppendName(policy.Name)
            .Append(" ON ").AppendName(DatabaseName.Encode(bucket.Name)).Append(" DURATION ");
        AppendDuration(statement, bucket.Retention).Append(" SHARD DURATION ").Append(ShardDuration(bucket.Retention));
        await client.ExecuteAsync(null, statement, cancellationToken);
        if (policy.HasDescription || bucket.Description.Length > 0)
            await DescribeAsync(bucket, cancellationToken);
    }

    public Task DeleteAsync(BucketName name, CancellationToken cancellationToken) =>
        client.ExecuteAsync(null, Statement().Append("DROP DATABASE ").AppendName(DatabaseName.Encode(name)), cancellationToken);

    // A deletion goes through all retention policies of a database; others may have made some for themselves.
    public async Task<bool> OwnsAllAsync(BucketName name, CancellationToken cancellationToken) =>
        await FindPolicyAsync(name, cancellationToken) is { HasOthers: false };

    public async Task<long?> BytesAsync(BucketName name, CancellationToken cancellationToken)
    {
        var database = DatabaseName.Encode(name);
        using var shards = await client.QueryAsync(null, Statement().Append("SHOW STATS FOR 'shard'"), cancellationToken);
        return shards.Series
            .Where(shard => shard.Tags.Any(tag => tag.Key == "database" && tag.Value == database))
            .Sum(shard => shard.Rows.Sum(row => row[Array.IndexOf(shard.Columns, "diskBytes")].GetInt64()));
    }

    private static InfluxQl Statement() => new(bindsValues: false);

    private static InfluxQl AppendDuration(InfluxQl statement, Retention retention) =>
        retention.Hours is { } hours ? statement.AppendNumber(hours).Append("h") : statement.Append("INF");

    // As InfluxDB chooses them itself for a new policy; a changed one would keep what it had, and with it data for too long.
    private static string ShardDuration(Retention retention) => retention.Hours switch
    {
        < 48 => "1h",
        < 24 * 180 => "1d",
        _ => "7d",
    };

    private async Task<List<Bucket>> ReadAsync(BucketName[] names, CancellationToken cancellationToken)
    {
        var buckets = new List<Bucket>(names.Length);
        try
        {
            var policies = await FindPoliciesAsync(names, cancellationToken);
            foreach (var (name, policy) in names.Zip(policies))
            {
                if (policy is not null)
                    buckets.Add(new Bucket(name, policy.HasDescription ? await ReadDescriptionAsync(name, cancellationToken) : string.Empty, policy.Retention));
            }

            return buckets;
        }
        catch (InfluxDbException exception) when (exception.Failure == InfluxDbFailure.BucketNotFound)
        {
            // One was deleted since it was listed, and with it the answer for all is lost.
            if (names.Length == 1)
                return [];
            var half = names.Length / 2;
            return [.. await ReadAsync(names[..half], cancellationToken), .. await ReadAsync(names[half..], cancellationToken)];
        }
    }

    private async Task<Policy?> FindPolicyAsync(BucketName name, CancellationToken cancellationToken) => (await FindPoliciesAsync([name], cancellationToken))[0];

    // In the order of the names; null where a database has no default policy.
    private async Task<Policy?[]> FindPoliciesAsync(BucketName[] names, CancellationToken cancellationToken)
    {
        var statement = Statement();
        for (var i = 0; i < names.Length; i++)
            statement.Append(i == 0 ? string.Empty : "; ").Append("SHOW RETENTION POLICIES ON ").AppendName(DatabaseName.Encode(names[i]));
        using var answer = await client.QueryAsync(null, statement, cancellationToken);
        return [.. names.Select((_, index) => ReadPolicy(answer.Series.Where(series => series.Statement == index)))];
    }

    private static Policy? ReadPolicy(IEnumerable<AnswerSeries> answered)
    {
        Policy? found = null;
        var (hasDescription, hasOthers) = (false, false);
        foreach (var series in answered)
        {
            var (policy, duration, isDefault) = (Column(series, "name"), Column(series, "duration"), Column(series, "default"));
            foreach (var row in series.Rows)
            {
                if (row[isDefault].GetBoolean())
                    found = new Policy(row[policy].GetString()!, GoDuration.ToRetention(row[duration].GetString()!), false, false);
                else if (row[policy].GetString() == DescriptionPolicy)
                    hasDescription = true;
                else
                    hasOthers = true;
            }
        }

        return found is null ? null : found with { HasDescription = hasDescription, HasOthers = hasOthers };
    }

    private async Task<string> ReadDescriptionAsync(BucketName name, CancellationToken cancellationToken)
    {
        var statement = Statement().Append("SELECT \"description\" FROM ").AppendName(DescriptionPolicy).Append(".").AppendName(DescriptionMeasurement);
        using var answer = await client.QueryAsync(name, statement, cancellationToken);
        return answer.Series.SelectMany(series => series.Rows).Select(row => row[1].GetString()).FirstOrDefault() ?? string.Empty;
    }

    private async Task DescribeAsync(Bucket bucket, CancellationToken cancellationToken)
    {
        var database = DatabaseName.Encode(bucket.Name);
        var policy = Statement().Append("CREATE RETENTION POLICY ").AppendName(DescriptionPolicy).Append(" ON ").AppendName(database)
            .Append(" DURATION INF REPLICATION 1");
        await client.ExecuteAsync(null, policy, cancellationToken);
        var escaped = bucket.Description.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        var line = $"{DescriptionMeasurement} description=\"{escaped}\" 0\n";
        await client.CallAsync(dialect.WriteUnder(bucket.Name, DescriptionPolicy, line), cancellationToken);
    }

    private static int Column(AnswerSeries series, string name) => Array.IndexOf(series.Columns, name);

    private sealed record Policy(string Name, Retention Retention, bool HasDescription, bool HasOthers);
}
