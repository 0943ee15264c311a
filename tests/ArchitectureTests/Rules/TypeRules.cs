using System.Reflection;
using System.Runtime.CompilerServices;
using MediatR;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace IotBackend.ArchitectureTests.Rules;

/// <summary>How types are made: sealed, without setters on messages, with the cancellation last, controllers without ports.</summary>
internal static class TypeRules
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>A class is sealed, static or abstract, unless another of ours inherits it. Generated migrations are as they are.</summary>
    public static IEnumerable<string> ClassesAreSealed(IReadOnlyList<Type> types)
    {
        var inherited = types.Select(type => type.BaseType).OfType<Type>().Select(Definition).ToHashSet();
        return types
            .Where(type => type is { IsClass: true, IsSealed: false, IsAbstract: false } && !inherited.Contains(type))
            .Where(type => type.Name != "Program" && type.Namespace?.Contains(".Migrations.", StringComparison.Ordinal) != true)
            .Select(type => $"{House.PlaceOf(type)} is not sealed");
    }

    /// <summary>A message does not change on its way: it is a sealed record whose properties are set when it is made.</summary>
    public static IEnumerable<string> MessagesAreSealedRecordsWithoutSetters(IEnumerable<Type> types) =>
        types.Where(type => type is { IsInterface: false, IsAbstract: false } && type.IsAssignableTo(typeof(IBaseRequest)))
            .SelectMany(type => MessageFaults(type).Select(fault => $"{House.PlaceOf(type)} {fault}"));

    /// <summary>The cancellation is the last parameter, except where an interface or class of others has it elsewhere.</summary>
    public static IEnumerable<string> CancellationComesLast(IEnumerable<Type> types) =>
        from type in types.Where(type => !type.IsSubclassOf(typeof(Delegate)))
        let foreign = ForeignMethods(type)
        from method in type.GetMethods(Declared)
        where !method.Name.Contains('<', StringComparison.Ordinal) && !foreign.Contains(method)
        let parameters = method.GetParameters()
        let at = Array.FindIndex(parameters, parameter => parameter.ParameterType == typeof(CancellationToken))
        where at >= 0 && at != parameters.Length - 1
        select $"{House.PlaceOf(type)}.{method.Name} has its cancellation elsewhere";

    /// <summary>Whatever a port does takes time, and who waits for it may give up.</summary>
    public static IEnumerable<string> PortsCanBeCancelled(IEnumerable<Type> types) =>
        from type in types.Where(type => type.IsInterface && House.PlaceOf(type).IsIn("Application."))
        from method in type.GetMethods()
        where IsAwaitable(method.ReturnType) && method.GetParameters().All(parameter => parameter.ParameterType != typeof(CancellationToken))
        select $"{House.PlaceOf(type)}.{method.Name} can not be cancelled";

    /// <summary>A controller binds, sends and maps: it gets the mediator, the clock, plain values and what Api itself offers, and knows no port.</summary>
    public static IEnumerable<string> ControllersOnlySend(House house)
    {
        var controllers = house.Types.Where(type => type.IsSubclassOf(typeof(ControllerBase))).ToArray();
        var injected =
            from controller in controllers
            from parameter in controller.GetConstructors().SelectMany(constructor => constructor.GetParameters())
            where !IsForControllers(parameter.ParameterType)
            select $"{House.PlaceOf(controller)} is given {parameter.ParameterType.Name}";
        var ports = house.Types.Where(type => type.IsInterface).Select(House.PlaceOf).Where(place => place.IsIn("Application.")).ToHashSet();
        var used =
            from dependency in house.Dependencies
            where controllers.Any(controller => House.PlaceOf(controller) == dependency.Source) && ports.Contains(dependency.Target)
            select dependency.ToString();
        return injected.Concat(used);
    }

    private static IEnumerable<string> MessageFaults(Type type)
    {
        if (!type.IsSealed || !IsRecord(type))
            yield return "is not a sealed record";
        foreach (var property in type.GetProperties(Declared).Where(HasSetter))
            yield return $"has a setter for {property.Name}";
    }

    private static bool HasSetter(PropertyInfo property) =>
        property.SetMethod is { } setter && !setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));

    private static HashSet<MethodInfo> ForeignMethods(Type type)
    {
        if (type.IsInterface)
            return [];
        var implementing = type.GetInterfaces().Where(contract => House.PlaceOf(contract.Namespace + ".") is null)
            .SelectMany(contract => type.GetInterfaceMap(contract).TargetMethods);
        var overriding = type.GetMethods(Declared).Where(method => House.PlaceOf(method.GetBaseDefinition().DeclaringType!.Namespace + ".") is null);
        return [.. implementing, .. overriding];
    }

    private static bool IsForControllers(Type type) =>
        type == typeof(IMediator) || type == typeof(TimeProvider)
        || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IOptions<>) && IsForControllers(type.GetGenericArguments()[0]))
        || House.PlaceOf(type.FullName ?? type.Name) is { } place && (place.IsIn("Api.") || (place.IsIn("Application.") && IsRecord(type)));

    private static bool IsRecord(Type type) => type.GetMethod("<Clone>$") is not null;

    private static bool IsAwaitable(Type type) => type.GetMethod(nameof(Task.GetAwaiter)) is not null;

    private static Type Definition(Type type) => type.IsGenericType ? type.GetGenericTypeDefinition() : type;
}
