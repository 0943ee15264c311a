namespace IotBackend.Domain.Measurements.Aggregates;

/// <summary>The names of <see cref="AggregateFunction"/> in the HTTP contract.</summary>
public static class AggregateNames
{
    // By the values of the enumeration.
    private static readonly string[] Names = ["mean", "min", "max", "sum", "count", "first", "last", "median", "p95", "stddev"];

    /// <summary>In the order in which they are told.</summary>
    public static IReadOnlyList<string> All => Names;

    public static string NameOf(AggregateFunction function) => Names[(int)function];

    /// <summary>Null when nothing is called so.</summary>
    public static AggregateFunction? Find(string name) => Array.IndexOf(Names, name) is >= 0 and var index ? (AggregateFunction)index : null;
}
