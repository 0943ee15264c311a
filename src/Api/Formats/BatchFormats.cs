using IotBackend.Api.Http;
using IotBackend.Domain.Results;
using Microsoft.Net.Http.Headers;

namespace IotBackend.Api.Formats;

/// <summary>The formats that batches come in, found by media type.</summary>
internal static class BatchFormats
{
    /// <summary>The one format whose numbers for times have a unit that the request tells.</summary>
    public static IBatchFormat LineProtocol { get; } = new LineProtocolFormat();

    private static readonly IBatchFormat[] All = [new JsonArrayFormat(), new NdjsonFormat(), LineProtocol, new SenmlFormat()];

    /// <summary>The format of a <c>Content-Type</c>; JSON when there is none; null when it is not taken, or not in UTF-8.</summary>
    public static IBatchFormat? Find(string? contentType)
    {
        if (string.IsNullOrEmpty(contentType))
            return All[0];
        if (!MediaTypeHeaderValue.TryParse(contentType, out var parsed) || !IsUtf8(parsed))
            return null;
        var name = parsed.MediaType.ToString();
        return Array.Find(All, format => format.MediaTypes.Contains(name, StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>The refusal of a media type for which there is no format.</summary>
    public static Error Unsupported()
    {
        var offered = string.Join(", ", All.SelectMany(format => format.MediaTypes));
        return new Error(ErrorKind.UnsupportedMediaType, ErrorCodes.UnsupportedMediaType, $"A batch must be one of {offered}, in UTF-8; say which in Content-Type.")
        {
            Details = new Dictionary<string, object> { [ErrorWriter.OfferedDetail] = offered },
        };
    }

    // ASCII is UTF-8 as well.
    private static bool IsUtf8(MediaTypeHeaderValue type) =>
        !type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).ToString().ToLowerInvariant() is "utf-8" or "utf8" or "us-ascii";
}
