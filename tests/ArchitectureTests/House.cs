using System.Reflection;
using System.Runtime.CompilerServices;
using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using Assembly = System.Reflection.Assembly;
using Type = System.Type;

namespace IotBackend.ArchitectureTests;

/// <summary>
/// What the rules are applied to: types, and which type uses which, method bodies included. There are two houses: the product, in which no
/// rule may find anything, and a deliberately broken one under Fixtures, in which each rule must find exactly what is broken for it.
/// </summary>
internal sealed class House
{
    private const string Fixtures = "IotBackend.ArchitectureTests.Fixtures.";
    private const string Root = "IotBackend.";

    private static readonly string[] Layers = ["Domain", "Application", "Infrastructure", "Api"];

    private House(IReadOnlyList<Type> types, IReadOnlyList<Dependency> dependencies) => (Types, Dependencies) = (types, dependencies);

    public static House Product { get; } = Load([.. Layers.Select(layer => Assembly.Load(Root + layer))], Root);

    public static House Broken { get; } = Load([typeof(House).Assembly], Fixtures);

    public IReadOnlyList<Type> Types { get; }

    public IReadOnlyList<Dependency> Dependencies { get; }

    /// <summary>Where a type stands, such as <c>Infrastructure.KeyStore.ApiKeyRow</c>; the same in both houses. Null for types of others.</summary>
    public static string? PlaceOf(string fullName) =>
        fullName == "Program" ? "Api.Program"
        : fullName.StartsWith(Fixtures, StringComparison.Ordinal) ? fullName[Fixtures.Length..]
        : fullName.StartsWith(Root, StringComparison.Ordinal) ? fullName[Root.Length..]
        : null;

    public static string PlaceOf(Type type) => PlaceOf(type.FullName!)!;

    private static House Load(Assembly[] assemblies, string prefix)
    {
        var architecture = new ArchLoader().LoadAssemblies(assemblies).Build();
        var dependencies = architecture.Types
            .Where(type => IsOurs(type.FullName, prefix))
            .SelectMany(type => type.Dependencies, (type, dependency) => new Dependency(
                PlaceOf(type.FullName)!,
                PlaceOf(dependency.Target.FullName) ?? dependency.Target.FullName,
                AssemblyName(dependency.Target)))
            .Where(dependency => !dependency.Target.Contains('<', StringComparison.Ordinal))
            .Distinct();
        var types = assemblies.SelectMany(assembly => assembly.GetTypes())
            .Where(type => IsOurs(type.FullName!, prefix) && !type.IsDefined(typeof(CompilerGeneratedAttribute)));
        return new House([.. types], [.. dependencies]);
    }

    // Names with '<' are the compiler's; other namespaces are those of source generators.
    private static bool IsOurs(string fullName, string prefix) =>
        !fullName.Contains('<', StringComparison.Ordinal) && (fullName.StartsWith(prefix, StringComparison.Ordinal) || fullName == "Program");

    // A type whose assembly could not be read belongs to none that a layer may know.
    private static string AssemblyName(IType type) => type.Assembly is { } assembly ? new AssemblyName(assembly.FullName).Name! : "?";
}

/// <summary>One type uses another. Ours are named by their place, others by their full name.</summary>
internal sealed record Dependency(string Source, string Target, string TargetAssembly)
{
    public override string ToString() => $"{Source} uses {Target}";
}
