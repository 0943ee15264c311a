namespace IotBackend.Api.Composition;

/// <summary>Checks what the configuration would silently pass over: words that are no settings, sections that do not exist, bad addresses.</summary>
internal static class CommandLine
{
    public const string Usage = """
        Usage: IotBackend.Api [--<setting> <value>]...       starts the server; docs/configuration.md lists the settings
               IotBackend.Api admin-key --new | --reset      makes an admin key: one to be given as IOT_ADMIN_KEY, or one that replaces a lost one
               IotBackend.Api copy-keys FILE                 copies a key store in a SQLite file into the configured one
               IotBackend.Api export FILE|- | import FILE|-  moves measurements from one store to another; docs/export.md tells how
               IotBackend.Api --help | --version
        """;

    private static readonly HashSet<string> Sections = new(StringComparer.OrdinalIgnoreCase)
    {
        "Urls", "Data", "Measurements", "KeyStore", "Redis", "RateLimits", "Usage", "Audit", "Blocks", "Cache", "Cors", "ApiReference", "Shutdown", "Logging", "AllowedHosts",
        "Kestrel", "Environment", "IOT_ADMIN_KEY", "Http_Ports", "Https_Ports", "Https", "Proxies", "Overload", "Idempotency", "Mqtt", "SeriesLimits",
    };

    /// <exception cref="SettingException">An argument is no setting.</exception>
    public static void Check(IReadOnlyList<string> arguments)
    {
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (!argument.StartsWith("--", StringComparison.Ordinal))
                throw new SettingException(argument, "this is not a setting, which begins with --. --help tells more.");
            var hasValue = argument.Contains('=', StringComparison.Ordinal);
            var name = argument[2..].Split('=', 2)[0];
            if (!Sections.Contains(name.Split(':')[0]))
                throw new SettingException(name, "this is not a setting; docs/configuration.md lists them.");
            if (!hasValue && ++i == arguments.Count)
                throw new SettingException(name, "the value is missing.");
        }
    }

    /// <exception cref="SettingException">A setting that no options class binds has a name or a value that can not be used.</exception>
    public static void Check(IConfiguration configuration)
    {
        CheckChildren(configuration, "Measurements", "Store", "Limits", "Embedded", "InfluxDb", "Spool", "Live");
        CheckChildren(configuration, "Cors", "Origins");
        CheckChildren(configuration, "Proxies", "Trusted");
        foreach (var url in (configuration["Urls"] ?? string.Empty).Split(';', StringSplitOptions.RemoveEmptyEntries))
            CheckUrl(url);
        foreach (var level in configuration.GetSection("Logging:LogLevel").GetChildren())
        {
            if (!Enum.TryParse<LogLevel>(level.Value, ignoreCase: true, out _))
                throw new SettingException(level.Path, $"'{level.Value}' is not a level; they are {string.Join(", ", Enum.GetNames<LogLevel>())}.");
        }
    }

    private static void CheckChildren(IConfiguration configuration, string section, params string[] known)
    {
        foreach (var child in configuration.GetSection(section).GetChildren())
        {
            if (!known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
                throw new SettingException(child.Path, "this is not a setting; docs/configuration.md lists them.");
        }
    }

    private static void CheckUrl(string url)
    {
        try
        {
            var address = BindingAddress.Parse(url.Trim());
            if (address.Port is >= 0 and <= ushort.MaxValue && address.Scheme is "http" or "https")
                return;
        }
        catch (FormatException)
        {
            // Told below, in words that name the setting.
        }

        throw new SettingException("Urls", $"'{url}' is not an address such as http://127.0.0.1:5080.");
    }
}
