using System.Buffers;
using Microsoft.Extensions.Primitives;

namespace IotBackend.Api.Http;

/// <summary>
/// Reads <c>Idempotency-Key</c> (draft-ietf-httpapi-idempotency-key-header): a string of structured fields (RFC 9651, section 3.3.3) without parameters,
/// or the same characters without quotes, as many clients send it.
/// </summary>
internal static class IdempotencyKey
{
    public const string Header = "Idempotency-Key";

    /// <summary>Set on an answer that was given before.</summary>
    public const string ReplayedHeader = "Idempotency-Replayed";

    public const string Wrong = $"'{Header}' is one value of 1 to 255 visible ASCII characters, in double quotes or without.";

    private const int MaxLength = 255;
    private const char Quote = '"';
    private const char Escape = '\\';

    // Without quotes neither what would end a string, nor what lists and parameters are written with.
    private static readonly SearchValues<char> Bare = SearchValues.Create(
        [.. Enumerable.Range('!', '~' - '!' + 1).Select(code => (char)code).Except([Quote, Escape, ',', ';'])]);

    /// <summary>Null when the header is not one key.</summary>
    public static string? TryRead(StringValues header) => header is not [{ Length: > 0 } text] ? null
        : text[0] == Quote ? Checked(TryUnquote(text))
        : text.AsSpan().ContainsAnyExcept(Bare) ? null
        : Checked(text);

    private static string? Checked(string? key) => key is { Length: > 0 and <= MaxLength } ? key : null;

    private static string? TryUnquote(string text)
    {
        Span<char> key = stackalloc char[MaxLength + 1];
        var length = 0;
        for (var i = 1; i < text.Length; i++)
        {
            var character = text[i];
            if (character == Quote)
                return i == text.Length - 1 ? new string(key[..length]) : null;
            if (character == Escape)
            {
                if (++i == text.Length || text[i] is not (Quote or Escape))
                    return null;
                character = text[i];
            }

            if (character is < '!' or > '~' || length > MaxLength)
                return null;
            key[length++] = character;
        }

        return null;
    }
}
