namespace IotBackend.Performance.Load;

/// <summary>
/// Bodies of a thousand measurements or a few, as files: one of three fields of each of 1,000 devices, then the same a second later, up to ten
/// times. Their times begin with a placeholder that stands for everything up to the tens of seconds.
/// </summary>
internal static class BatchBodies
{
    public const int Measurements = 1_000;
    public const int PointsABody = Measurements * FleetSlice.FieldsADevice;
    public const string JsonTime = "2026-01-01T00:00:0";
    public const string LineTime = "176722560";

    /// <param name="folder">Gets the files.</param>
    /// <param name="count">Different bodies.</param>
    /// <param name="measurements">A multiple of 1,000, at most 10,000.</param>
    /// <returns>The paths of the files.</returns>
    public static string[] Write(string folder, int count, int measurements = Measurements) =>
        Write(folder, "json", count, measurements, slice => $"[{string.Join(',', Readings(slice, measurements).Select(Json))}]");

    /// <summary>The same measurements as <see cref="Write(string, int, int)"/> as line protocol with times in milliseconds.</summary>
    public static string[] WriteLines(string folder, int count, int measurements) =>
        Write(folder, "lines", count, measurements, slice => string.Concat(Readings(slice, measurements).Select(Line)));

    private static string[] Write(string folder, string kind, int count, int measurements, Func<FleetSlice, string> body)
    {
        var slice = new FleetSlice(0, Measurements, jitter: false);
        return [.. Enumerable.Range(0, count).Select(number =>
        {
            var file = Path.Combine(folder, string.Create(Invariant, $"batch-{measurements}-{number}.{kind}"));
            File.WriteAllText(file, body(slice));
            return file;
        })];
    }

    private static IEnumerable<(FleetReading Reading, int Second)> Readings(FleetSlice slice, int measurements) =>
        Enumerable.Range(0, measurements).Select(number => (slice.Next(), number / Measurements));

    private static string Json((FleetReading Reading, int Second) at) => string.Create(
        Invariant,
        $$$"""{"device":"device-{{{at.Reading.Device:D6}}}","name":"climate","timestamp":"{{{JsonTime}}}{{{at.Second}}}.000Z","fields":{"temperature":{{{at.Reading.Temperature}}},"humidity":{{{at.Reading.Humidity}}},"pressure":{{{at.Reading.Pressure}}}}}""");

    private static string Line((FleetReading Reading, int Second) at) => string.Create(
        Invariant,
        $"climate,device=device-{at.Reading.Device:D6} temperature={at.Reading.Temperature},humidity={at.Reading.Humidity},pressure={at.Reading.Pressure} {LineTime}{at.Second}000\n");
}
