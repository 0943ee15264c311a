using System.Buffers;
using System.Collections.Frozen;
using IotBackend.Api.Http;
using IotBackend.Api.Influx;
using IotBackend.Api.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Security;

/// <summary>Refuses credentials in a URL, where proxies, histories and logs would keep them. Their value is not repeated anywhere.</summary>
internal sealed class CredentialsInUrl(RequestDelegate next, KnownQueries known, Gate gate, ErrorWriter errors)
{
    private static readonly FrozenSet<string> Names =
        FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "key", "apikey", "api_key", "api-key", "token", "access_token", "password");

    private static readonly FrozenSet<string> InfluxNames = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "u", "p");

    // Each of the names holds one of these.
    private static readonly SearchValues<string> Parts = SearchValues.Create(["key", "token", "password"], StringComparison.OrdinalIgnoreCase);

    public Task InvokeAsync(HttpContext context)
    {
        var queryString = context.Request.QueryString.Value;
        if (string.IsNullOrEmpty(queryString))
            return next(context);

        // Without parsing it (benchmark P6). One that was answered before has nothing but parameters of measurements.
        var isInflux = InfluxPaths.TakesCredentialsInUrl(context.Request.Path);
        if (!isInflux && (!MayNameCredentials(queryString) || known.Contains(queryString)))
            return next(context);
        foreach (var name in context.Request.Query.Keys)
        {
            if (Names.Contains(name) || (isInflux && InfluxNames.Contains(name)))
            {
                gate.RefusedInUrl(context);
                return errors.WriteAsync(context, Refusal(name));
            }
        }

        return next(context);
    }

    // A percent sign may stand for any letter.
    private static bool MayNameCredentials(string queryString) => queryString.Contains('%') || queryString.AsSpan().ContainsAny(Parts);

    private static Error Refusal(string name) => new(
        ErrorKind.Invalid,
        ErrorCodes.CredentialsInUrl,
        $"Credentials do not belong into a URL: send the key as X-API-Key, or as Authorization: Bearer, instead of '{name}'. Replace a key that was sent like this.")
    {
        Details = new Dictionary<string, object> { ["parameter"] = name },
    };
}
