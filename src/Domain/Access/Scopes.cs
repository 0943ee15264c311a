namespace IotBackend.Domain.Access;

/// <summary>What a key may do. <see cref="Admin"/> implies all others.</summary>
[Flags]
public enum Scopes
{
    None = 0,
    MeasurementsRead = 1,
    MeasurementsWrite = 2,
    MeasurementsDelete = 4,
    CacheManage = 8,
    MetricsRead = 16,
    Admin = 32,
}

/// <summary>Names of the scopes in the contract, such as <c>measurements:write</c>.</summary>
public static class ScopeNames
{
    private static readonly Dictionary<string, Scopes> ByName = new(StringComparer.Ordinal)
    {
        ["measurements:read"] = Scopes.MeasurementsRead,
        ["measurements:write"] = Scopes.MeasurementsWrite,
        ["measurements:delete"] = Scopes.MeasurementsDelete,
        ["cache:manage"] = Scopes.CacheManage,
        ["metrics:read"] = Scopes.MetricsRead,
        ["admin"] = Scopes.Admin,
    };

    /// <summary>All names, in the order of the contract.</summary>
    public static IReadOnlyCollection<string> All => ByName.Keys;

    public static bool Allows(this Scopes granted, Scopes required) =>
        (granted & Scopes.Admin) != 0 || (granted & required) == required;

    public static bool TryParse(string name, out Scopes scope) => ByName.TryGetValue(name, out scope);

    /// <summary>The names of the scopes in the set, in the order of the contract.</summary>
    public static IReadOnlyList<string> ToNames(this Scopes scopes) =>
        [.. ByName.Where(pair => (scopes & pair.Value) != 0).Select(pair => pair.Key)];
}
