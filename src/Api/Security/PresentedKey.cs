using Microsoft.Extensions.Primitives;

namespace IotBackend.Api.Security;

/// <summary>Finds the key that a request presents: <c>X-API-Key</c>, or <c>Authorization</c> with <c>Bearer</c> or <c>Token</c>.</summary>
internal static class PresentedKey
{
    public const string Header = "X-API-Key";

    private static readonly string[] Schemes = ["Bearer", "Token"];

    /// <summary>The key, or null when there is none.</summary>
    /// <param name="headers">The request's headers.</param>
    /// <param name="isAmbiguous">True when several differ: nobody can tell which one is meant.</param>
    public static string? Find(IHeaderDictionary headers, out bool isAmbiguous)
    {
        string? found = null;
        isAmbiguous = !(TryTake(headers[Header], static text => text, ref found) && TryTake(headers.Authorization, AfterScheme, ref found));
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
            if (header.Length > scheme.Length && char.IsWhiteSpace(header[scheme.Length]) && header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
                return header[scheme.Length..].Trim();
        }

        return null;
    }
}
