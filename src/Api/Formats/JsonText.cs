using System.Buffers;
using System.Text.Json;

namespace IotBackend.Api.Formats;

/// <summary>Reads texts and names of JSON without making strings of them.</summary>
internal static class JsonText
{
    /// <summary>
    /// Gives the current token's text: the token itself when nothing in it is escaped, else the buffer, which grows as needed and is the pool's.
    /// False for a lone surrogate, which can not be UTF-8.
    /// </summary>
    public static bool TryUnescape(scoped in Utf8JsonReader json, scoped ref byte[] buffer, out ReadOnlySpan<byte> text)
    {
        text = json.ValueSpan;
        if (!json.ValueIsEscaped)
            return true;
        if (buffer.Length < text.Length)
        {
            if (buffer.Length > 0)
                ArrayPool<byte>.Shared.Return(buffer);
            buffer = ArrayPool<byte>.Shared.Rent(text.Length);
        }

        try
        {
            text = buffer.AsSpan(0, json.CopyString(buffer));
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
