using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using IotBackend.Application.ApiKeys;

namespace IotBackend.Api.Formats;

/// <summary>Where a page of keys ended, as clients carry it. It grants nothing: what a caller may see is checked anew.</summary>
internal static class ApiKeyCursor
{
    private const int MaxIdLength = 64;

    public static string Encode(ApiKeyPosition last)
    {
        var bytes = new byte[sizeof(long) + Encoding.UTF8.GetByteCount(last.Id)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, last.CreatedAt.UtcTicks);
        Encoding.UTF8.GetBytes(last.Id, bytes.AsSpan(sizeof(long)));
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Null when the text is no cursor.</summary>
    public static ApiKeyPosition? TryDecode(string text)
    {
        if (text.Length > 2 * MaxIdLength || !Base64Url.IsValid(text))
            return null;
        var bytes = Base64Url.DecodeFromChars(text);
        if (bytes.Length is <= sizeof(long) or > sizeof(long) + MaxIdLength || !bytes.AsSpan(sizeof(long)).ContainsOnlyLettersAndDigits())
            return null;
        var ticks = BinaryPrimitives.ReadInt64BigEndian(bytes);
        return ticks >= 0 && ticks <= DateTimeOffset.MaxValue.UtcTicks
            ? new ApiKeyPosition(new DateTimeOffset(ticks, TimeSpan.Zero), Encoding.ASCII.GetString(bytes.AsSpan(sizeof(long))))
            : null;
    }

    private static bool ContainsOnlyLettersAndDigits(this Span<byte> bytes)
    {
        foreach (var letter in bytes)
        {
            if (!char.IsAsciiLetterOrDigit((char)letter))
                return false;
        }

        return true;
    }
}
