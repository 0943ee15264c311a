using Microsoft.Net.Http.Headers;

namespace IotBackend.Api.Formats;

/// <summary>The formats that batches come in, found by media type.</summary>
internal static class BatchFormats
{
    private static readonly IBatchFormat[] All = [new JsonArrayFormat()];

    /// <summary>The format of a <c>Content-Type</c>, parameters aside; JSON when there is none; null when it is not taken.</summary>
    public static IBatchFormat? Find(string? contentType)
    {
        if (string.IsNullOrEmpty(contentType))
            return All[0];
        if (!MediaTypeHeaderValue.TryParse(contentType, out var parsed))
            return null;
        var name = parsed.MediaType.ToString();
        return Array.Find(All, format => format.MediaTypes.Contains(name, StringComparer.OrdinalIgnoreCase));
    }
}
