using IotBackend.Application.Pipeline;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace IotBackend.Api.Http;

/// <summary>Reads <c>If-Match</c> and <c>If-None-Match</c> of a change (RFC 9110, section 13.1). A version is an ETag without its quotes.</summary>
internal static class PreconditionHeaders
{
    public static string ETagOf(string version) => $"\"{version}\"";

    /// <param name="headers">The headers of the request.</param>
    /// <param name="addFault">Takes the header's name and what is wrong with it.</param>
    public static Precondition Read(IHeaderDictionary headers, Action<string, string> addFault)
    {
        var (match, noneMatch) = (headers.IfMatch, headers.IfNoneMatch);
        if (match.Count > 0 && noneMatch.Count > 0)
            addFault(HeaderNames.IfNoneMatch, "'If-Match' and 'If-None-Match' exclude each other here.");
        if (noneMatch.Count > 0)
            return ReadNoneMatch(noneMatch, addFault);
        return match.Count > 0 ? ReadMatch(match, addFault) : Precondition.None;
    }

    private static Precondition ReadNoneMatch(StringValues header, Action<string, string> addFault)
    {
        if (header is not ["*"])
            addFault(HeaderNames.IfNoneMatch, "'If-None-Match' of a change is *: only if there is none yet.");
        return Precondition.IsNew;
    }

    private static Precondition ReadMatch(StringValues header, Action<string, string> addFault)
    {
        if (header is ["*"])
            return Precondition.Exists;
        if (!EntityTagHeaderValue.TryParseStrictList(header, out var tags) || tags.Any(tag => tag.Tag == "*"))
        {
            addFault(HeaderNames.IfMatch, "'If-Match' is * or a list of ETags, each in its quotes.");
            return Precondition.None;
        }

        // Compared strongly: a weak one is never the same.
        return Precondition.IsOneOf([.. tags.Where(tag => !tag.IsWeak).Select(tag => tag.Tag.Subsegment(1, tag.Tag.Length - 2).ToString())]);
    }
}
