namespace IotBackend.Performance.Report;

/// <summary>What happens at some times the capacity: a row a load.</summary>
/// <param name="Capacity">Requests a second.</param>
/// <param name="Duration">Of each load.</param>
internal sealed record OverloadTable(int Capacity, TimeSpan Duration, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    public static readonly IReadOnlyList<string> Columns =
    [
        "load", "due/s", "sent/s", "accepted/s", "refused/s", "accepted: median, ms", "p99, ms", "longest, ms", "refused: p99, ms",
        "memory, MB: start → end (largest)",
    ];
}
