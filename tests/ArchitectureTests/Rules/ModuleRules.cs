namespace IotBackend.ArchitectureTests.Rules;

/// <summary>Modules are folders, named by the same nouns in every layer; a technology stays in its folder.</summary>
internal static class ModuleRules
{
    private static readonly string[] Modules = ["Access", "ApiKeys", "Buckets", "Caching", "Devices", "Measurements", "Monitoring", "SystemStatus"];

    private static readonly Dictionary<string, string[]> Folders = new(StringComparer.Ordinal)
    {
        ["Domain"] = [.. Modules, "Results"],
        ["Application"] = [.. Modules, "Nodes", "Pipeline"],
        ["Infrastructure"] = [.. Modules, "Background", "KeyStore", "RateLimiting", "Redis"],
        ["Api"] = [.. Modules, "Composition", "Formats", "Http", "Influx", "Mqtt", "Security"],
    };

    private static readonly string[] SqliteFolders =
    [
        "Infrastructure.KeyStore.", "Infrastructure.Measurements.Embedded.", "Infrastructure.Measurements.Spool.", "Infrastructure.Measurements.Sqlite.",
    ];

    private static readonly (string Technology, string[] Places)[] Technologies =
    [
        ("Microsoft.EntityFrameworkCore", ["Infrastructure.KeyStore."]),
        ("Microsoft.Data.Sqlite", SqliteFolders),
        ("SQLitePCL", SqliteFolders),
        ("Microsoft.AspNetCore", ["Api."]),
        ("MQTTnet", ["Api.Mqtt."]),
        ("StackExchange.Redis", ["Infrastructure.Redis.", "Infrastructure.RateLimiting."]),
    ];

    private static readonly string[] Adapters = ["Infrastructure.Measurements.Embedded.", "Infrastructure.Measurements.InfluxDb.", "Infrastructure.KeyStore."];

    /// <summary>Types that stand in no folder of the plan. A layer's root holds only its registration, the program, and the exceptions that its folders share.</summary>
    public static IEnumerable<string> FoldersAreTheModules(IEnumerable<Type> types) =>
        types.Where(type => !type.IsNested).Select(House.PlaceOf).Where(place => !IsPlanned(place.Split('.'))).Select(place => $"{place} stands in no module");

    public static IEnumerable<string> TechnologiesStayInTheirFolders(IEnumerable<Dependency> dependencies) =>
        from dependency in dependencies
        from technology in Technologies
        where dependency.Target.IsIn(technology.Technology + ".") && !dependency.Source.IsIn(technology.Places)
        select dependency.ToString();

    /// <summary>An adapter is known to nobody but its own folder; hosts reach it by its registration.</summary>
    public static IEnumerable<string> AdaptersAreKnownByTheirRegistration(IEnumerable<Dependency> dependencies) =>
        from dependency in dependencies
        from adapter in Adapters
        where dependency.Target.IsIn(adapter) && !dependency.Source.IsIn(adapter) && !dependency.Target.EndsWith("Registration", StringComparison.Ordinal)
        select dependency.ToString();

    private static bool IsPlanned(string[] parts) => parts.Length == 2
        ? parts[1] == "Program" || parts[1].EndsWith("Registration", StringComparison.Ordinal) || parts[1].EndsWith("Exception", StringComparison.Ordinal)
        : Folders.TryGetValue(parts[0], out var folders) && folders.Contains(parts[1]);
}
