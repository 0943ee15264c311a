using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace IotBackend.Api.Formats;

/// <summary>
/// Networks as people write them: an address, or one with the length of its prefix. What .NET reads beyond that is refused, because it means something
/// else to the next reader: octal numbers, parts left out, bits beyond the prefix, which may stand for one host or for its whole network.
/// </summary>
internal static class NetworkText
{
    /// <summary>Null when the text is no network, or one that could be meant in two ways.</summary>
    public static IPNetwork? TryParse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (TryParseAddress(slash < 0 ? text : text[..slash]) is not { } address)
            return null;
        var longest = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        if (slash < 0)
            return new IPNetwork(address, longest);
        var digits = text[(slash + 1)..];
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length > longest || (digits.Length > 1 && digits[0] == '0'))
            return null;

        // It cuts off the bits beyond the prefix.
        var network = new IPNetwork(address, length);
        return network.BaseAddress.Equals(address) ? network : null;
    }

    // Addresses of the one kind in the form of the other would never match: callers are compared in their own form.
    private static IPAddress? TryParseAddress(string text)
    {
        if (!IPAddress.TryParse(text, out var address) || address.IsIPv4MappedToIPv6)
            return null;
        var isPlain = address.AddressFamily == AddressFamily.InterNetwork ? address.ToString() == text : !text.AsSpan().ContainsAny("[]%");
        return isPlain ? address : null;
    }
}
