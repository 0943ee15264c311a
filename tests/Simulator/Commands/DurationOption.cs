using System.CommandLine.Parsing;
using System.Globalization;

namespace IotBackend.Simulator.Commands;

/// <summary>Durations as people write them: a number and one of <c>ms s m h</c>.</summary>
internal static class DurationOption
{
    public static TimeSpan Parse(ArgumentResult argument)
    {
        var text = argument.Tokens[0].Value;
        if (TryParse(text) is { } duration && duration > TimeSpan.Zero)
            return duration;
        argument.AddError($"'{text}' is no duration such as 500ms, 60s, 5m or 1h.");
        return default;
    }

    public static TimeSpan? TryParse(string text)
    {
        var digits = text.AsSpan().TrimEnd("msh");
        if (!double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number > 1e8)
            return null;
        return text[digits.Length..] switch
        {
            "ms" => TimeSpan.FromMilliseconds(number),
            "s" => TimeSpan.FromSeconds(number),
            "m" => TimeSpan.FromMinutes(number),
            "h" => TimeSpan.FromHours(number),
            _ => null,
        };
    }
}
