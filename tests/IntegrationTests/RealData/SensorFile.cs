using System.Globalization;

namespace IotBackend.IntegrationTests.RealData;

/// <summary>
/// What a data file holds, read by the plainest code and by none of the simulator's: the values by the text of their UTC time,
/// a later row's over an earlier one's, rows without any value left out.
/// </summary>
internal sealed record SensorFile(string Device, IReadOnlyDictionary<string, Dictionary<string, double>> Measurements)
{
    private const double Missing = -200;

    /// <summary><c>timestamp,value</c>.</summary>
    public static SensorFile ReadSeries(string path)
    {
        var measurements = new Dictionary<string, Dictionary<string, double>>();
        foreach (var line in File.ReadLines(path).Skip(1))
        {
            var cells = line.Split(',');
            measurements[cells[0].Replace(' ', 'T') + "Z"] = new() { ["value"] = Number(cells[1]) };
        }

        return new(Path.GetFileNameWithoutExtension(path), measurements);
    }

    /// <summary><c>Date,Time</c> and a column for each field; days come first in a date, and -200 is no value.</summary>
    public static SensorFile ReadAirQuality(string path)
    {
        var lines = File.ReadAllLines(path);
        var names = lines[0].Split(',');
        var measurements = new Dictionary<string, Dictionary<string, double>>();
        foreach (var cells in lines.Skip(1).Select(line => line.Split(',')))
        {
            var values = Enumerable.Range(2, names.Length - 2).Where(i => Number(cells[i]) != Missing).ToDictionary(i => names[i], i => Number(cells[i]));
            if (values.Count > 0)
                measurements.Add(Time(cells[0].Split('/'), cells[1].Split(':')), values);
        }

        return new(Path.GetFileNameWithoutExtension(path), measurements);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static string Time(string[] date, string[] time) =>
        $"{date[2]}-{date[1].PadLeft(2, '0')}-{date[0].PadLeft(2, '0')}T{time[0].PadLeft(2, '0')}:{time[1]}:{time[2]}Z";
}
