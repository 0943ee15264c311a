using System.Text.RegularExpressions;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Mvc;

namespace IotBackend.ArchitectureTests.Rules;

/// <summary>Names say the act or the thing, and a role always ends the name in the same word.</summary>
internal static partial class NamingRules
{
    private static readonly string[] Empty = ["Base", "Common", "Helper", "Helpers", "Manager", "Misc", "Util", "Utils", "Utilities"];

    public static IEnumerable<string> NamesSaySomething(IEnumerable<Type> types) =>
        from type in types
        from part in House.PlaceOf(type).Split('.', '+')
        from Match word in Words().Matches(part)
        where Empty.Contains(word.Value)
        select $"{House.PlaceOf(type)} says '{word.Value}'";

    /// <summary>A handler is internal, sealed and named after its request.</summary>
    public static IEnumerable<string> HandlersAreNamedAfterTheirRequests(IEnumerable<Type> types) =>
        from type in types
        from handled in type.GetInterfaces().Where(Is(typeof(IRequestHandler<,>)))
        where !IsInternalSealed(type) || type.Name != handled.GetGenericArguments()[0].Name + "Handler"
        select $"{House.PlaceOf(type)} is not an internal sealed {handled.GetGenericArguments()[0].Name}Handler";

    /// <summary>A validator is internal, sealed and named after what it validates.</summary>
    public static IEnumerable<string> ValidatorsAreNamedAfterWhatTheyValidate(IEnumerable<Type> types) =>
        from type in types
        from validated in type.GetInterfaces().Where(Is(typeof(IValidator<>)))
        where !IsInternalSealed(type) || type.Name != validated.GetGenericArguments()[0].Name + "Validator"
        select $"{House.PlaceOf(type)} is not an internal sealed {validated.GetGenericArguments()[0].Name}Validator";

    public static IEnumerable<string> BehavioursEndInBehavior(IEnumerable<Type> types) =>
        types.Where(type => type.GetInterfaces().Any(Is(typeof(IPipelineBehavior<,>))) && !type.Name.EndsWith("Behavior`2", StringComparison.Ordinal))
            .Select(type => $"{House.PlaceOf(type)} is a behaviour");

    public static IEnumerable<string> ControllersEndInController(IEnumerable<Type> types) =>
        types.Where(type => type.IsSubclassOf(typeof(ControllerBase)) != type.Name.EndsWith("Controller", StringComparison.Ordinal))
            .Select(type => $"{House.PlaceOf(type)} is {(type.IsSubclassOf(typeof(ControllerBase)) ? "a" : "no")} controller");

    private static bool IsInternalSealed(Type type) => type is { IsSealed: true, IsNotPublic: true };

    private static Func<Type, bool> Is(Type definition) => type => type.IsGenericType && type.GetGenericTypeDefinition() == definition;

    [GeneratedRegex("[A-Z][a-z0-9]*|[a-z0-9]+")]
    private static partial Regex Words();
}
