namespace IotBackend.Api.Influx;

/// <summary>The addresses that are InfluxDB's: those that are served, and those that its clients ask beside, so that they understand the refusal.</summary>
internal static class InfluxPaths
{
    private static readonly PathString Version2 = "/api/v2";

    private static readonly PathString[] Version1 = ["/write", "/query", "/ping"];

    /// <summary>Null for an address of our own.</summary>
    public static InfluxDialect? DialectOf(PathString path)
    {
        if (path.StartsWithSegments(Version2))
            return InfluxDialect.Version2;
        foreach (var address in Version1)
        {
            if (path.StartsWithSegments(address))
                return InfluxDialect.Version1;
        }

        return null;
    }

    /// <summary>Whether 1.x would find a name and a password in the address as <c>u</c> and <c>p</c>.</summary>
    public static bool TakesCredentialsInUrl(PathString path) => DialectOf(path) == InfluxDialect.Version1;
}
