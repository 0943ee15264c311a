using System.Buffers.Text;
using System.Text;
using IotBackend.Domain.Measurements;

namespace IotBackend.Api.Formats;

/// <summary>Where a page of devices ended, as clients carry it. It grants nothing: what a caller may see is checked anew.</summary>
internal static class DeviceCursor
{
    public static string Encode(string last) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(last));

    /// <summary>The name of the last device; null when the text is no cursor.</summary>
    public static string? TryDecode(string text) =>
        Base64Url.IsValid(text) && Base64Url.DecodeFromChars(text) is var name && Identifier.Check(name) is null ? Encoding.UTF8.GetString(name) : null;
}
