using System.Buffers.Binary;
using System.Buffers.Text;

namespace IotBackend.Api.Formats;

/// <summary>Where a page of things ended that are ordered by their ids, as clients carry it. It grants nothing: what a caller may see is checked anew.</summary>
internal sealed record IdCursor(long Id)
{
    public string Encode()
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, Id);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Null when the text is no cursor.</summary>
    public static IdCursor? TryDecode(string text)
    {
        if (!Base64Url.IsValid(text))
            return null;
        var bytes = Base64Url.DecodeFromChars(text);
        return bytes.Length == sizeof(long) && BinaryPrimitives.ReadInt64BigEndian(bytes) is > 0 and var id ? new IdCursor(id) : null;
    }
}
