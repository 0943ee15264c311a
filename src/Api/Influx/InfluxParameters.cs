using IotBackend.Api.Formats;
using IotBackend.Api.Http;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Influx;

/// <summary>What a write says in its address. Parameters that mean nothing here, such as <c>org</c> and <c>rp</c>, are passed over.</summary>
/// <param name="Bucket">Null for the caller's default.</param>
/// <param name="Unit">What a bare number for a time counts.</param>
/// <param name="Error">What is wrong; null for nothing.</param>
internal sealed record InfluxParameters(BucketName? Bucket, TimestampUnit Unit, Error? Error)
{
    public static InfluxParameters OfVersion1(IQueryCollection query) => Read(query, "db", FindVersion1, "n, u, ms, s, m or h");

    public static InfluxParameters OfVersion2(IQueryCollection query) => Read(query, "bucket", TimestampUnits.Find, TimestampUnits.Names);

    private static InfluxParameters Read(IQueryCollection query, string bucketParameter, Func<string?, TimestampUnit?> find, string names)
    {
        var parameters = new QueryParameters(query);
        var unit = find(parameters.Single("precision"));
        if (unit is null)
            parameters.AddFault("precision", $"'precision' is {names}.");
        var name = parameters.Single(bucketParameter);
        var bucket = string.IsNullOrEmpty(name) ? null : BucketName.TryParse(name, out _);

        // What can not be a name names no bucket: to a client of InfluxDB that is the same.
        var isAbsent = bucket is null && !string.IsNullOrEmpty(name);
        return new InfluxParameters(bucket, unit ?? default, parameters.ToError() ?? (isAbsent ? NoBucket : null));
    }

    private static Error NoBucket { get; } = new(ErrorKind.NotFound, ErrorCodes.BucketNotFound, "There is no bucket of this name.");

    private static TimestampUnit? FindVersion1(string? name) => name switch
    {
        "n" => TimestampUnit.Nanosecond,
        "u" or "µ" or "μ" => TimestampUnit.Microsecond,
        "m" => TimestampUnit.Minute,
        "h" => TimestampUnit.Hour,
        _ => TimestampUnits.Find(name),
    };
}
