using IotBackend.Infrastructure;
using Microsoft.Extensions.Options;

namespace IotBackend.Api.Composition;

/// <summary>Turns what stops a start into one line that tells an operator what to change.</summary>
internal static class StartFailure
{
    /// <summary>Null for what nobody expects: that shows with its stack.</summary>
    public static string? Describe(Exception exception) => exception switch
    {
        OptionsValidationException validation => "Configuration: " + string.Join(' ', validation.Failures.Select(failure => Plain(validation, failure))),
        SettingException => "Configuration: " + exception.Message,
        StorageStartException => exception.Message,
        InvalidOperationException { Source: "Microsoft.Extensions.Configuration.Binder" } =>
            "Configuration: " + (UnknownSettings(exception.Message) ?? UnknownSettings(exception.InnerException?.Message) ?? Reasons(exception)),
        IOException when exception.Message.StartsWith("Failed to bind", StringComparison.Ordinal) => $"Urls: {exception.Message}",
        System.Net.Sockets.SocketException => $"Urls: the server can not listen there: {exception.Message}.",
        InvalidOperationException when exception.Message.Contains("HTTPS endpoint", StringComparison.Ordinal) =>
            "Urls: HTTPS needs a certificate: set Kestrel:Certificates:Default:Path with :KeyPath (PEM) or :Password (PFX); docs/tls.md tells more.",
        FormatException when exception.Message.Contains("address", StringComparison.OrdinalIgnoreCase) => $"Urls: {exception.Message}",
        AggregateException { InnerExceptions: [var only] } => Describe(only),
        _ => null,
    };

    // DataAnnotations tells the member; the section comes from the options' type.
    private static string Plain(OptionsValidationException validation, string failure)
    {
        const string prefix = "DataAnnotation validation failed for ";
        var section = validation.OptionsType.GetField("Section")?.GetValue(null) as string ?? validation.OptionsType.Name;
        var error = failure.IndexOf("with the error: '", StringComparison.Ordinal);
        return failure.StartsWith(prefix, StringComparison.Ordinal) && error >= 0
            ? $"{section}:{Members(failure)} {failure[(error + 17)..].TrimEnd('.', '\'')}."
            : $"{section}: {failure}";
    }

    private static string Members(string failure)
    {
        var start = failure.IndexOf("members: '", StringComparison.Ordinal) + 10;
        return failure[start..failure.IndexOf('\'', start)];
    }

    // "… the following properties were not found on the instance of <type>: 'A', 'B'"
    private static string? UnknownSettings(string? message)
    {
        const string marker = "not found on the instance of ";
        var start = message?.IndexOf(marker, StringComparison.Ordinal) ?? -1;
        if (start < 0 || message![(start + marker.Length)..].Split(": ", 2) is not [var typeName, var names])
            return null;
        var section = AppDomain.CurrentDomain.GetAssemblies().Select(assembly => assembly.GetType(typeName)).OfType<Type>()
            .Select(type => type.GetField("Section")?.GetValue(null) as string).FirstOrDefault();
        return string.Join(", ", names.Split(", ").Select(name => section is null ? name.Trim('\'') : $"{section}:{name.Trim('\'')}")) + " is not a setting; docs/configuration.md lists them.";
    }

    private static string Reasons(Exception exception) =>
        exception.InnerException is { } inner ? $"{exception.Message} {inner.Message}" : exception.Message;
}
