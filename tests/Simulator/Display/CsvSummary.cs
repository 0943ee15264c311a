using System.Globalization;
using IotBackend.Simulator.Csv;

namespace IotBackend.Simulator.Display;

/// <summary>What a file held, in a line.</summary>
internal static class CsvSummary
{
    public static string Line(string file, CsvSamples read)
    {
        var left = new List<string>();
        if (read.EmptyRows > 0)
            left.Add(Count(read.EmptyRows, "without any value skipped"));
        if (read.MergedRows > 0)
            left.Add(Count(read.MergedRows, "of a timestamp seen before merged"));
        if (read.SkippedTimes > 0)
            left.Add(Count(read.SkippedTimes, "of local times that never were skipped"));
        return Count(read.Rows, $"in {file}: {read.Samples.Count.ToString("N0", CultureInfo.InvariantCulture)} measurements")
            + (left.Count == 0 ? "" : $" ({string.Join(", ", left)})");
    }

    private static string Count(int rows, string what) => string.Create(CultureInfo.InvariantCulture, $"{rows:N0} {(rows == 1 ? "row" : "rows")} {what}");
}
