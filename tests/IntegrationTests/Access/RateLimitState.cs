using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace IotBackend.IntegrationTests.Access;

/// <summary>What the headers of an answer say about the key's limits, both families read and held to each other.</summary>
internal sealed partial record RateLimitState(string Tier, IReadOnlyDictionary<string, RateLimitState.Policy> Policies, RateLimitState.Policy Tighter, long ResetAt)
{
    private static readonly string[] Names =
        ["RateLimit", "RateLimit-Policy", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-RateLimit-Tier"];

    /// <summary>Null when there is none of the headers; fails the test when some are missing or they contradict each other.</summary>
    public static RateLimitState? Of(HttpResponseMessage response)
    {
        var there = Names.Where(name => response.Headers.Contains(name)).ToArray();
        if (there.Length == 0)
            return null;
        Assert.Equal(Names, there);
        var tier = Single(response, "X-RateLimit-Tier");
        var quotas = PolicyPattern().Matches(Single(response, "RateLimit-Policy")).ToDictionary(match => match.Groups["name"].Value);
        var policies = StatePattern().Matches(Single(response, "RateLimit")).ToDictionary(
            match => match.Groups["name"].Value,
            match => new Policy(
                match.Groups["name"].Value,
                Number(quotas[match.Groups["name"].Value].Groups["q"].Value),
                Number(quotas[match.Groups["name"].Value].Groups["w"].Value),
                Number(match.Groups["r"].Value),
                Number(match.Groups["t"].Value)));
        Assert.Equal(quotas.Keys.Order(), policies.Keys.Order());
        Assert.All(policies.Keys, name => Assert.StartsWith(tier + "-", name, StringComparison.Ordinal));
        foreach (var (name, policy) in quotas)
            Assert.Equal(name.EndsWith("-measurements", StringComparison.Ordinal), policy.Value.EndsWith(";qu=\"measurements\"", StringComparison.Ordinal));
        var (limit, remaining, reset) = (
            Number(Single(response, "X-RateLimit-Limit")), Number(Single(response, "X-RateLimit-Remaining")), Number(Single(response, "X-RateLimit-Reset")));
        var tighter = Assert.Single(policies.Values, policy => policy.Limit == limit && policy.Remaining == remaining);
        Assert.InRange(reset - tighter.Seconds, Now() - 2, Now() + 2);
        return new RateLimitState(tier, policies, tighter, reset);
    }

    private static long Now() => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

    private static string Single(HttpResponseMessage response, string name) => Assert.Single(response.Headers.GetValues(name));

    private static long Number(string text) => long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex("""
        "(?<name>[a-z0-9_-]+)";q=(?<q>\d+);w=(?<w>\d+)(;qu="measurements")?
        """)]
    private static partial Regex PolicyPattern();

    [GeneratedRegex("""
        "(?<name>[a-z0-9_-]+)";r=(?<r>\d+);t=(?<t>\d+)
        """)]
    private static partial Regex StatePattern();

    /// <param name="Seconds">Of the header's <c>t</c>.</param>
    internal sealed record Policy(string Name, long Limit, long WindowSeconds, long Remaining, long Seconds);
}
