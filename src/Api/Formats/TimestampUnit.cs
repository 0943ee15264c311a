namespace IotBackend.Api.Formats;

/// <summary>What line protocol's timestamps count since 1970.</summary>
internal enum TimestampUnit
{
    Nanosecond,
    Microsecond,
    Millisecond,
    Second,
    Minute,
    Hour,
}
