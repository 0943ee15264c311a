namespace IotBackend.ArchitectureTests.Rules;

/// <summary>Domain knows nothing; Application knows Domain; Infrastructure knows Application; Api knows Infrastructure where it composes.</summary>
internal static class LayerRules
{
    private static readonly HashSet<string> RuntimeAssemblies =
        [.. Directory.EnumerateFiles(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "*.dll").Select(path => Path.GetFileNameWithoutExtension(path))];

    private static readonly string[] ApplicationPackages =
    [
        "FluentValidation", "MediatR", "Scrutor", "System.IO.Hashing", "ZiggyCreatures.FusionCache",
        "Microsoft.Extensions.DependencyInjection.Abstractions", "Microsoft.Extensions.Logging.Abstractions",
    ];

    public static IEnumerable<string> DomainKnowsOnlyTheRuntime(IEnumerable<Dependency> dependencies) =>
        Uses(dependencies, "Domain.", target => target.Target.IsIn("Domain.") || RuntimeAssemblies.Contains(target.TargetAssembly));

    public static IEnumerable<string> ApplicationKnowsDomainAndItsFewPackages(IEnumerable<Dependency> dependencies) =>
        Uses(dependencies, "Application.", target => target.Target.IsIn("Domain.", "Application.")
            || RuntimeAssemblies.Contains(target.TargetAssembly) || ApplicationPackages.Contains(target.TargetAssembly));

    public static IEnumerable<string> InfrastructureKnowsNeitherApiNorHttpServer(IEnumerable<Dependency> dependencies) =>
        Uses(dependencies, "Infrastructure.", target =>
            !target.Target.IsIn("Api.") && !target.TargetAssembly.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));

    public static IEnumerable<string> ApiKnowsInfrastructureOnlyWhereItComposes(IEnumerable<Dependency> dependencies) =>
        Uses(dependencies, "Api.", target =>
            !target.Target.IsIn("Infrastructure.") || target.Source.IsIn("Api.Composition.") || target.Source == "Api.Program");

    /// <summary>Of the names of the assemblies that Domain references, those that do not come with the runtime.</summary>
    public static IEnumerable<string> DomainReferencesOnlyTheRuntime(IEnumerable<string> references) =>
        references.Where(name => !RuntimeAssemblies.Contains(name)).Select(name => $"Domain references {name}");

    private static IEnumerable<string> Uses(IEnumerable<Dependency> dependencies, string layer, Func<Dependency, bool> isAllowed) =>
        dependencies.Where(dependency => dependency.Source.IsIn(layer) && !isAllowed(dependency)).Select(dependency => dependency.ToString());
}
