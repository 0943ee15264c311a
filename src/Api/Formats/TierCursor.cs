using System.Buffers.Text;
using System.Text;
using IotBackend.Domain.Access;

namespace IotBackend.Api.Formats;

/// <summary>Where a page of tiers ended, as clients carry it.</summary>
internal static class TierCursor
{
    public static string Encode(Tier last) => Base64Url.EncodeToString(Encoding.ASCII.GetBytes(last.Name));

    /// <summary>The name of the last tier; null when the text is no cursor.</summary>
    public static string? TryDecode(string text) =>
        Base64Url.IsValid(text) && Encoding.ASCII.GetString(Base64Url.DecodeFromChars(text)) is var name && Tier.IsName(name) ? name : null;
}
