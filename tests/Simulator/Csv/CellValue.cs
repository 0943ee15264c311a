using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace IotBackend.Simulator.Csv;

/// <summary>Cells as JSON values: numbers as they are written, <c>true</c> and <c>false</c>, and all else as text.</summary>
internal static partial class CellValue
{
    /// <summary>Null when the cell holds no value.</summary>
    public static string? ToJson(string cell, double? missing)
    {
        var text = cell.Trim();
        if (text.Length == 0)
            return null;
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number))
            return text.ToLowerInvariant() is "true" or "false" ? text.ToLowerInvariant() : JsonSerializer.Serialize(text);
        if (number.Equals(missing))
            return null;
        return JsonNumber().IsMatch(text) ? text : number.ToString("R", CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?\z")]
    private static partial Regex JsonNumber();
}
