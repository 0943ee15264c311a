using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace IotBackend.UnitTests.Formats;

/// <summary>The resolution of SenML records as RFC 8428 tells it, over documents instead of bytes; for packs without faults in their form.</summary>
internal static partial class NaiveSenml
{
    /// <summary>Each record as <c>device|telemetry|unit|time|fields</c>; null for one that is faulty.</summary>
    public static IReadOnlyList<string?> Resolve(string pack)
    {
        using var document = JsonDocument.Parse(pack);
        var bases = new Dictionary<string, JsonElement>();
        var received = ParsedBatch.ReceivedAt;
        List<string?> resolved = [];
        foreach (var record in document.RootElement.EnumerateArray())
        {
            foreach (var label in record.EnumerateObject().Where(label => label.Name.StartsWith('b')))
                bases[label.Name] = label.Value;
            resolved.Add(Resolve(record, bases, ref received));
        }

        return resolved;
    }

    [GeneratedRegex("^[A-Za-z0-9][-A-Za-z0-9:./_]*$")]
    private static partial Regex NamePattern();

    private static string? Resolve(JsonElement record, Dictionary<string, JsonElement> bases, ref long received)
    {
        var name = Text(bases, "bn") + Text(record, "n");
        var separator = name.LastIndexOfAny(['/', ':']);
        var (device, field) = separator < 0 ? (name, "") : (name[..separator], name[(separator + 1)..]);
        field = field.Length == 0 ? "value" : field;
        var unit = record.TryGetProperty("u", out _) ? Text(record, "u") : Text(bases, "bu");
        var fields = Fields(record, bases, field);
        if (!NamePattern().IsMatch(name) || field[0] == '_' || fields is null)
            return null;
        var seconds = Number(bases, "bt") + Number(record, "t");
        var time = seconds == 0 ? received++ : (seconds < 268_435_456 ? ParsedBatch.ReceivedAt : 0) + (long)(seconds * 1_000_000_000);
        return string.Create(CultureInfo.InvariantCulture, $"{device}|telemetry|{(unit.Length == 0 ? "" : "unit=" + unit)}|{time}|{fields}");
    }

    private static string? Fields(JsonElement record, Dictionary<string, JsonElement> bases, string field)
    {
        var values = new List<string>();
        if (record.TryGetProperty("vs", out var text))
            values.Add($"{field}=\"{text.GetString()}\"");
        if (record.TryGetProperty("vb", out var boolean))
            values.Add($"{field}={(boolean.GetBoolean() ? "true" : "false")}");
        var hasSum = record.TryGetProperty("s", out _) || bases.ContainsKey("bs");
        var isBaseAlone = bases.ContainsKey("bv") && values.Count == 0 && !hasSum;
        if (record.TryGetProperty("v", out _) || isBaseAlone)
            values.Add($"{field}={Show(Number(bases, "bv") + Number(record, "v"))}");
        if (values.Count > 1 || (values.Count == 0 && !hasSum))
            return null;
        if (hasSum)
            values.Add($"{field}.sum={Show(Number(bases, "bs") + Number(record, "s"))}");
        return string.Join(',', values);
    }

    private static string Show(decimal number) => ((double)(number == 0 ? 0m : number)).ToString("R", CultureInfo.InvariantCulture);

    private static string Text(JsonElement record, string label) => record.TryGetProperty(label, out var value) ? value.GetString()! : "";

    private static string Text(Dictionary<string, JsonElement> bases, string label) => bases.TryGetValue(label, out var value) ? value.GetString()! : "";

    private static decimal Number(JsonElement record, string label) => record.TryGetProperty(label, out var value) ? value.GetDecimal() : 0;

    private static decimal Number(Dictionary<string, JsonElement> bases, string label) => bases.TryGetValue(label, out var value) ? value.GetDecimal() : 0;
}
