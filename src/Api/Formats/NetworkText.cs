using System.Net;
using IotBackend.Domain.Access;

namespace IotBackend.Api.Formats;

/// <summary>Networks of keys as people write them: an address, or one with the length of its prefix.</summary>
internal static class NetworkText
{
    /// <summary>Null when the text is no network, or one that could be meant in two ways.</summary>
    public static IPNetwork? TryParse(string text) =>
        AddressNetwork.TryParse(text, out var network) && !IsMapped(network, text) ? network.ToIPNetwork() : null;

    // IPv4 in the form of IPv6 may be meant for callers of the one kind or of the other.
    private static bool IsMapped(AddressNetwork network, string text) => network.IsIPv4 && text.Contains(':', StringComparison.Ordinal);
}
