using IotBackend.Domain.Results;
using Microsoft.Net.Http.Headers;

namespace IotBackend.Api.Http;

/// <summary>What a caller accepts as an answer.</summary>
internal static class AcceptHeader
{
    private const string Json = "application/json";
    private const string EventStream = "text/event-stream";
    private const string ProblemJson = "application/problem+json";

    /// <summary>Null when the caller takes JSON; a caller that accepts only the form of errors takes the data as JSON too.</summary>
    public static Error? RefuseUnlessJson(HttpRequest request)
    {
        var accept = request.Headers.Accept;
        if (accept.Count == 0 || (accept.Count == 1 && accept[0] is "*/*" or Json or ""))
            return null;
        return !MediaTypeHeaderValue.TryParseList(accept, out var types) || types.Any(type => type.Quality != 0 && Takes(type))
            ? null
            : new Error(ErrorKind.NotAcceptable, ErrorCodes.NotAcceptable, $"The answer is offered as {Json} only.")
            {
                Details = new Dictionary<string, object> { ["offered"] = Json },
            };
    }

    /// <summary>
    /// The media type that the caller likes best of those offered, the first of equals; null when it takes none of them. A caller that accepts only the form
    /// of errors takes the data as JSON.
    /// </summary>
    /// <param name="offered">Among them JSON.</param>
    public static string? Choose(HttpRequest request, params ReadOnlySpan<string> offered)
    {
        var accept = request.Headers.Accept;
        if (accept.Count == 0 || (accept.Count == 1 && accept[0] is "*/*" or Json or ""))
            return offered[0];
        if (!MediaTypeHeaderValue.TryParseList(accept, out var types))
            return offered[0];
        var (best, quality) = ((string?)null, 0.0);
        foreach (var mediaType in offered)
        {
            var wanted = Wanted(types, mediaType);
            if (wanted > quality)
                (best, quality) = (mediaType, wanted);
        }

        return best ?? (QualityOf(types, ProblemJson) > 0 ? Json : null);
    }

    /// <summary>None of the media types that are offered is accepted.</summary>
    public static Error Refuse(params string[] offered) =>
        new(ErrorKind.NotAcceptable, ErrorCodes.NotAcceptable, $"The answer is offered as {string.Join(", ", offered)} only.")
        {
            Details = new Dictionary<string, object> { ["offered"] = string.Join(", ", offered) },
        };

    /// <summary>Null when the caller takes Server-Sent Events.</summary>
    public static Error? RefuseUnlessEvents(HttpRequest request)
    {
        var isTaken = request.Headers.Accept.Count == 0 || !MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var types)
            || types.Any(type => type.Quality != 0 && new MediaTypeHeaderValue(EventStream).IsSubsetOf(type));
        return isTaken ? null : new Error(ErrorKind.NotAcceptable, ErrorCodes.NotAcceptable, $"The answer is offered as {EventStream} only.")
        {
            Details = new Dictionary<string, object> { ["offered"] = EventStream },
        };
    }

    /// <summary>True when the caller prefers errors as RFC 9457.</summary>
    public static bool PrefersProblem(HttpRequest request)
    {
        if (request.Headers.Accept.Count == 0 || !MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var types))
            return false;
        var problem = QualityOf(types, ProblemJson);
        return problem > 0 && problem >= QualityOf(types, Json);
    }

    private static bool Takes(MediaTypeHeaderValue type) =>
        type.MatchesAllTypes
        || type.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase)
        || type.MediaType.Equals(ProblemJson, StringComparison.OrdinalIgnoreCase)
        || (type.MatchesAllSubTypes && type.Type.Equals("application", StringComparison.OrdinalIgnoreCase));

    // Of what the caller says, the most specific counts (RFC 9110, section 12.5.1).
    private static double Wanted(IList<MediaTypeHeaderValue> types, string mediaType)
    {
        var (rank, quality) = (0, 0.0);
        foreach (var type in types)
        {
            var fit = type.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase) ? 3
                : type.MatchesAllSubTypes && !type.MatchesAllTypes && mediaType.StartsWith(type.Type.Value + "/", StringComparison.OrdinalIgnoreCase) ? 2
                : type.MatchesAllTypes ? 1 : 0;
            if (fit > rank)
                (rank, quality) = (fit, type.Quality ?? 1);
        }

        return quality;
    }

    private static double QualityOf(IEnumerable<MediaTypeHeaderValue> types, string mediaType) =>
        types.Where(type => type.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase)).Select(type => type.Quality ?? 1).DefaultIfEmpty(0).Max();
}
