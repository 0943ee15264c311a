using System.Text.Json;
using IotBackend.Api.Http;
using IotBackend.Domain.Results;
using Microsoft.Net.Http.Headers;

namespace IotBackend.Api.Formats;

/// <summary>What all bodies in JSON share, whatever they say.</summary>
internal static class JsonInput
{
    private const string Json = "application/json";

    /// <summary>Nesting beyond this is refused as no valid JSON.</summary>
    public static readonly JsonReaderOptions Options = new() { MaxDepth = 16 };

    /// <summary>Null when the media type is JSON in UTF-8.</summary>
    public static Error? RefuseUnlessJson(string? contentType) => IsJson(contentType)
        ? null
        : new Error(ErrorKind.UnsupportedMediaType, ErrorCodes.UnsupportedMediaType, $"The body must be {Json} in UTF-8; say so in Content-Type.")
        {
            Details = new Dictionary<string, object> { [ErrorWriter.OfferedDetail] = Json },
        };

    public static ReadOnlySpan<byte> WithoutByteOrderMark(ReadOnlySpan<byte> body)
    {
        var byteOrderMark = "\uFEFF"u8;
        return body.StartsWith(byteOrderMark) ? body[byteOrderMark.Length..] : body;
    }

    public static Error Invalid(ReadOnlySpan<byte> body, JsonException exception) => body.IsEmpty
        ? new(ErrorKind.Invalid, ErrorCodes.InvalidJson, "The body is empty.")
        : new(ErrorKind.Invalid, ErrorCodes.InvalidJson, $"The body is not valid JSON at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}.")
        {
            Details = new Dictionary<string, object> { ["line"] = (exception.LineNumber ?? 0) + 1, ["byte"] = (exception.BytePositionInLine ?? 0) + 1 },
        };

    private static bool IsJson(string? contentType)
    {
        if (contentType is Json)
            return true;
        return MediaTypeHeaderValue.TryParse(contentType, out var type)
            && type.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase)
            && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase));
    }
}
