namespace IotBackend.Performance.Report;

/// <summary>What a figure must reach.</summary>
internal sealed record Goal(string Text, Func<double, bool>? IsReached)
{
    public static Goal AtLeast(double limit) => new(string.Create(Invariant, $"≥ {limit:0.0#}"), figure => figure >= limit);

    public static Goal AtMost(double limit, string unit = "") =>
        new(string.Create(Invariant, $"≤ {limit:0.##} {unit}").TrimEnd(), figure => figure <= limit);

    /// <summary>No goal yet; the text says which part is still to come.</summary>
    public static Goal Later(string text) => new(text, null);
}
