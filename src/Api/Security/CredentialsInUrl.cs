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

    public Task InvokeAsync(HttpContext context)
    {
        // A query that was answered before has none: it has nothing but parameters of measurements.
        if (!context.Request.QueryString.HasValue || known.Contains(context.Request.QueryString.Value!))
            return next(context);
        var isInflux = InfluxPaths.TakesCredentialsInUrl(context.Request.Path);
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

    private static Error Refusal(string name) => new(
        ErrorKind.Invalid,
        ErrorCodes.CredentialsInUrl,
        $"Credentials do not belong into a URL: send the key as X-API-Key, or as Authorization: Bearer, instead of '{name}'. Replace a key that was sent like this.")
    {
        Details = new Dictionary<string, object> { ["parameter"] = name },
    };
}
