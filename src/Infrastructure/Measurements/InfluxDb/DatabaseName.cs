using IotBackend.Domain.Buckets;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>
/// The name of a bucket's database. InfluxDB makes folders of them and so refuses <c>/</c>, <c>.</c> and <c>..</c>; they are written with
/// <c>~</c>, which no bucket's name can hold.
/// </summary>
internal static class DatabaseName
{
    public static string Encode(BucketName bucket) =>
        bucket.Value is "." or ".." ? bucket.Value.Replace(".", "~2E", StringComparison.Ordinal) : bucket.Value.Replace("/", "~2F", StringComparison.Ordinal);

    /// <summary>Null for a database that is nobody's bucket, such as InfluxDB's own; no two databases are one bucket.</summary>
    public static BucketName? Decode(string database)
    {
        var text = database.Replace("~2E", ".", StringComparison.Ordinal).Replace("~2F", "/", StringComparison.Ordinal);
        return BucketName.TryParse(text, out _) is { } name && Encode(name) == database ? name : null;
    }
}
