using IotBackend.Domain.Measurements;

namespace IotBackend.Api.Formats;

/// <summary>How long units of time are, and how requests name them.</summary>
internal static class TimestampUnits
{
    /// <summary>The names of all that <c>?precision=</c> takes, for a message.</summary>
    public const string Names = "ns, us, ms or s";

    public static long ToNanoseconds(this TimestampUnit unit) => unit switch
    {
        TimestampUnit.Nanosecond => 1,
        TimestampUnit.Microsecond => 1_000,
        TimestampUnit.Millisecond => Timestamp.NanosecondsPerMillisecond,
        TimestampUnit.Second => Timestamp.NanosecondsPerSecond,
        TimestampUnit.Minute => 60 * Timestamp.NanosecondsPerSecond,
        _ => 3_600 * Timestamp.NanosecondsPerSecond,
    };

    /// <summary>Null for what is no such name; no name is nanoseconds.</summary>
    public static TimestampUnit? Find(string? name) => name switch
    {
        null or "" or "ns" => TimestampUnit.Nanosecond,
        "us" => TimestampUnit.Microsecond,
        "ms" => TimestampUnit.Millisecond,
        "s" => TimestampUnit.Second,
        _ => null,
    };
}
