namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>Tells that an answer was JSON, but not of the shape that InfluxDB answers in: from whoever stands in its place, or a version to come.</summary>
internal static class MalformedAnswer
{
    // And of what it would turn into a JsonException itself, when it reads whole objects, "System.Text.Json.Rethrowable".
    private const string Reader = "System.Text.Json";

    /// <summary>True for what reading JSON of another shape throws: another type, a number out of range, a member or an element that is not there.</summary>
    public static bool Is(Exception exception) =>
        exception is InvalidOperationException or FormatException or KeyNotFoundException or IndexOutOfRangeException
        && exception.Source?.StartsWith(Reader, StringComparison.Ordinal) == true;

    public static InfluxDbException Describe(Exception exception) => new(InfluxDbFailure.Unavailable, "The answer is not what InfluxDB answers.", exception);
}
