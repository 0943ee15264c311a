namespace IotBackend.UnitTests.Influx;

/// <summary>
/// What clients of InfluxDB do at a status, read in their sources: influxdata/telegraf (plugins/outputs/influxdb_v2/http.go at 01b9116,
/// plugins/outputs/influxdb/http.go at 0182f1b), tobiasschuerg/InfluxDB-Client-for-Arduino (src/InfluxDbClient.cpp at 996f0c9) and
/// influxdata/influxdb-client-js (packages/core/src/errors.ts at 18bd7eb).
/// </summary>
internal static class InfluxClientBehavior
{
    public enum Reaction
    {
        Stored,
        Dropped,
        SentAgain,
        Halved,
    }

    public static Reaction TelegrafVersion2(int status) => status switch
    {
        200 or 201 or 202 or 204 or 206 or 207 or 208 => Reaction.Stored,
        413 => Reaction.Halved,
        401 or 403 or 429 => Reaction.SentAgain,
        >= 400 and < 500 => Reaction.Dropped,
        _ => Reaction.SentAgain,
    };

    public static Reaction TelegrafVersion1(int status, string message) => status switch
    {
        204 => Reaction.Stored,
        _ when message.Contains("database not found", StringComparison.Ordinal) => Reaction.SentAgain,
        >= 400 and < 500 => Reaction.Dropped,
        _ when message.Contains("partial write", StringComparison.Ordinal) || message.Contains("unable to parse", StringComparison.Ordinal) => Reaction.Dropped,
        _ => Reaction.SentAgain,
    };

    public static Reaction Arduino(int status) => status switch
    {
        >= 200 and < 300 => Reaction.Stored,
        >= 429 => Reaction.SentAgain,
        _ => Reaction.Dropped,
    };

    public static Reaction JavaScript(int status) => status switch
    {
        >= 200 and < 300 => Reaction.Stored,
        404 or 408 or 425 or 429 or 500 or 502 or 503 or 504 => Reaction.SentAgain,
        _ => Reaction.Dropped,
    };
}
