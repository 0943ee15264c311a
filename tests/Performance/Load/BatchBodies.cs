using System.Globalization;
using System.Text;

namespace IotBackend.Performance.Load;

/// <summary>Bodies of 1,000 measurements of three fields each, as files: one measurement of each of 1,000 devices at one time.</summary>
internal static class BatchBodies
{
    public const int Measurements = 1_000;
    public const int PointsABody = Measurements * FleetSlice.FieldsADevice;
    public const string TimePlaceholder = "2026-01-01T00:00:00.000Z";

    public static string[] Write(string folder, int count)
    {
        var slice = new FleetSlice(0, Measurements, jitter: false);
        return [.. Enumerable.Range(0, count).Select(number =>
        {
            var file = Path.Combine(folder, string.Create(Invariant, $"batch-{number}.json"));
            File.WriteAllText(file, Body(slice));
            return file;
        })];
    }

    private static string Body(FleetSlice slice)
    {
        var text = new StringBuilder("[");
        for (var i = 0; i < Measurements; i++)
        {
            var reading = slice.Next();
            text.Append(i == 0 ? string.Empty : ",").Append(
                (IFormatProvider)CultureInfo.InvariantCulture,
                $$$"""{"device":"device-{{{reading.Device:D6}}}","name":"climate","timestamp":"{{{TimePlaceholder}}}","fields":{"temperature":{{{reading.Temperature}}},"humidity":{{{reading.Humidity}}},"pressure":{{{reading.Pressure}}}}}""");
        }

        return text.Append(']').ToString();
    }
}
