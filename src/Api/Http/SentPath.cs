using Microsoft.AspNetCore.Http.Features;

namespace IotBackend.Api.Http;

/// <summary>
/// Reads a name at the end of a path as it was sent. The server decodes a path but for %2F, and so gives a%2Fb (which is a/b) and a%252Fb (which is
/// a%2Fb) alike; what was sent tells them apart.
/// </summary>
internal static class SentPath
{
    /// <summary>What comes after the prefix, decoded; null when it is not percent-encoded UTF-8.</summary>
    public static string? NameAfter(HttpRequest request, string prefix)
    {
        ReadOnlySpan<char> target = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var path = target.IndexOf('?') is var query and >= 0 ? target[..query] : target;
        var start = path.IndexOf(prefix, StringComparison.OrdinalIgnoreCase);
        return start < 0 ? string.Empty : PercentEncoding.TryDecode(path[(start + prefix.Length)..]);
    }
}
