using System.Globalization;
using System.Text;

namespace IotBackend.IntegrationTests.Influx.Strict;

/// <summary>One line of line protocol as the server understands it.</summary>
/// <param name="Measurement">Its name, unescaped.</param>
/// <param name="Tags">Keys and values, unescaped.</param>
/// <param name="Fields">Keys, unescaped, with their values.</param>
/// <param name="Time">Null when it is the server's to give.</param>
internal sealed record StrictLine(
    string Measurement, IReadOnlyList<KeyValuePair<string, string>> Tags, IReadOnlyList<StrictField> Fields, long? Time)
{
    /// <summary>The line as InfluxDB 1.x reads it.</summary>
    public string ToVersion1()
    {
        var line = new StringBuilder(Escape(Measurement));
        foreach (var (key, value) in Tags)
            line.Append(CultureInfo.InvariantCulture, $",{Escape(key)}={Escape(value)}");
        line.Append(' ').AppendJoin(',', Fields.Select(field => $"{Escape(field.Key)}={field.Literal}"));
        return line.Append(CultureInfo.InvariantCulture, $" {Time}\n").ToString();
    }

    private static string Escape(string text) => text
        .Replace(",", "\\,", StringComparison.Ordinal)
        .Replace("=", "\\=", StringComparison.Ordinal)
        .Replace(" ", "\\ ", StringComparison.Ordinal);
}

/// <param name="Key">The field's name, unescaped.</param>
/// <param name="Type">As <c>SHOW FIELD KEYS</c> calls it: float, integer, string or boolean.</param>
/// <param name="Literal">The value as it stood in the line, which all versions write alike.</param>
internal sealed record StrictField(string Key, string Type, string Literal);
