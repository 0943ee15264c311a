using System.Buffers.Text;
using System.Text;
using IotBackend.Api.Influx;
using Microsoft.Extensions.Primitives;

namespace IotBackend.Api.Security;

/// <summary>
/// Finds the key that a request presents: <c>X-API-Key</c>, or <c>Authorization</c> with <c>Bearer</c> or <c>Token</c>; at InfluxDB's addresses also the
/// password of <c>Basic</c>, which clients of 1.x send.
/// </summary>
internal static class PresentedKey
{
    public const string Header = "X-API-Key";

    private const string Basic = "Basic";

    private static readonly string[] Schemes = ["Bearer", "Token"];

    /// <summary>The key, or null when there is none.</summary>
    /// <param name="request">The request, of which nothing is read but its headers and its path.</param>
    /// <param name="isAmbiguous">True when several differ: nobody can tell which one is meant.</param>
    public static string? Find(HttpRequest request, out bool isAmbiguous)
    {
        string? found = null;
        var headers = request.Headers;
        isAmbiguous = !(TryTake(headers[Header], static text => text, ref found)
            && TryTake(headers.Authorization, AfterScheme, ref found)
            && (headers.Authorization.Count == 0 || InfluxPaths.DialectOf(request.Path) is null || TryTake(headers.Authorization, Password, ref found)));
        return found;
    }

    private static bool TryTake(StringValues values, Func<string, string?> read, ref string? found)
    {
        foreach (var value in values)
        {
            if (value is null || read(value) is not { Length: > 0 } key)
                continue;
            if (found is not null && found != key)
                return false;
            found = key;
        }

        return true;
    }

    private static string? AfterScheme(string header)
    {
        foreach (var scheme in Schemes)
        {
            if (After(header, scheme) is { } key)
                return key;
        }

        return null;
    }

    private static string? After(string header, string scheme) =>
        header.Length > scheme.Length && char.IsWhiteSpace(header[scheme.Length]) && header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)
            ? header[scheme.Length..].Trim()
            : null;

    // What can not be decoded is no key, and told so as any other that is none. The name before the password says nothing here.
    private static string? Password(string header)
    {
        if (After(header, Basic) is not { } encoded)
            return null;
        if (!Base64.IsValid(encoded))
            return encoded;
        var decoded = Encoding.UTF8.GetString(Convert.FromBase64String(encoded));
        return decoded[(decoded.IndexOf(':', StringComparison.Ordinal) + 1)..];
    }
}
