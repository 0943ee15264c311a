using System.Buffers.Text;
using System.Text;
using IotBackend.Domain.Buckets;

namespace IotBackend.Api.Formats;

/// <summary>
/// Where a page of things ended that are ordered by their names, as clients carry it. It grants nothing: what a caller may see is
/// checked anew.
/// </summary>
internal static class NameCursor
{
    public static string Encode(BucketName last) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(last.Value));

    /// <summary>Null when the text is no cursor.</summary>
    public static BucketName? TryDecode(string text) =>
        Base64Url.IsValid(text) ? BucketName.TryParse(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)), out _) : null;
}
