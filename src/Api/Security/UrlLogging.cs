namespace IotBackend.Api.Security;

/// <summary>Keeps addresses with their queries out of every log, whatever levels are configured: a refused credential would stand there.</summary>
internal static class UrlLogging
{
    // None at all, because the first would also make an activity and a log scope for every request that nobody reads (benchmark P14).
    // "Request starting HTTP/1.1 GET http://…?…", at Information; and request lines that can not be read, at Debug.
    private static readonly string[] WriteUrls = ["Microsoft.AspNetCore.Hosting.Diagnostics", "Microsoft.AspNetCore.Server.Kestrel.BadRequests"];

    public static void KeepUrlsOutOfLogs(this IServiceCollection services) => services.PostConfigure<LoggerFilterOptions>(options =>
    {
        // A rule for one provider wins over a rule for all, so each provider that has rules gets its own.
        foreach (var provider in options.Rules.Select(rule => rule.ProviderName).Append(null).Distinct().ToList())
        {
            foreach (var category in WriteUrls)
                options.Rules.Add(new LoggerFilterRule(provider, category, LogLevel.None, null));
        }
    });
}
