using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace IotBackend.Domain.Access;

/// <summary>
/// A network, or a single address, of either kind in one space: IPv4 lies where IPv6 maps it, in <c>::ffff:0:0/96</c>. So an IPv4 address is
/// the same however it came, and a network of the one kind never holds an address of the other.
/// </summary>
public readonly record struct AddressNetwork
{
    private const int AllBits = 128;
    private const int IPv4Start = 96;

    private static readonly UInt128 IPv4Prefix = (UInt128)0xFFFF << 32;

    private AddressNetwork(UInt128 bits, int length) => (Bits, Length) = (bits & Mask(length), length);

    /// <summary>The address, without the bits beyond the prefix.</summary>
    public UInt128 Bits { get; }

    /// <summary>Length of the prefix in the space of both kinds: 128 for one address, 120 for an IPv4 network of 24.</summary>
    public int Length { get; }

    public bool IsIPv4 => Length >= IPv4Start && (Bits & Mask(IPv4Start)) == IPv4Prefix;

    /// <summary>Length of the prefix as a person writes it.</summary>
    public int PrefixLength => IsIPv4 ? Length - IPv4Start : Length;

    public bool IsOneAddress => Length == AllBits;

    /// <summary>The network of the address whose prefix has one length for IPv4 and another for IPv6; the whole address by default.</summary>
    public static AddressNetwork Of(IPAddress address, int prefixIPv4 = 32, int prefixIPv6 = 128)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var count);
        if (count == sizeof(uint))
            return new AddressNetwork(IPv4Prefix | BinaryPrimitives.ReadUInt32BigEndian(bytes), IPv4Start + prefixIPv4);
        var bits = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        return new AddressNetwork(bits, (bits & Mask(IPv4Start)) == IPv4Prefix ? IPv4Start + prefixIPv4 : prefixIPv6);
    }

    /// <summary>
    /// Reads an address, or a network in CIDR notation without bits beyond its prefix. IPv4 is written with all four numbers, each without leading zeros; a mapped
    /// IPv4 address is one, but a network is not written in that form.
    /// </summary>
    public static bool TryParse(string text, out AddressNetwork network)
    {
        network = default;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var addressText = slash < 0 ? text : text[..slash];
        if (!IsWritten(addressText) || !IPAddress.TryParse(addressText, out var address))
            return false;
        if (slash < 0)
        {
            network = Of(address);
            return true;
        }

        var widest = address.AddressFamily == AddressFamily.InterNetwork ? 32 : AllBits;
        var lengthText = text.AsSpan(slash + 1);
        if (address.IsIPv4MappedToIPv6 || !int.TryParse(lengthText, NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length > widest
            || (lengthText.Length > 1 && lengthText[0] == '0'))
        {
            return false;
        }

        network = Of(address, length, length);
        return network.Bits == Of(address).Bits;
    }

    public bool Contains(AddressNetwork other) =>
        other.Length >= Length && other.IsIPv4 == IsIPv4 && (other.Bits & Mask(Length)) == Bits;

    /// <summary>The wider network around this one; itself, when its prefix is shorter already.</summary>
    public AddressNetwork Within(int length) => length >= Length ? this : new AddressNetwork(Bits, length);

    /// <summary>The same as the runtime has it, always with the length of its prefix.</summary>
    public IPNetwork ToIPNetwork() => new(Address(), PrefixLength);

    public override string ToString() => IsOneAddress ? Address().ToString() : $"{Address()}/{PrefixLength}";

    // Of the many forms that are parsed, "1", "0x7f.1" and "010.0.0.1" mean what nobody expects; a zone is of this machine alone.
    private static bool IsWritten(string text) => text.Contains(':', StringComparison.Ordinal)
        ? !text.AsSpan().ContainsAny('%', '[', ']')
        : text.Split('.') is { Length: 4 } parts && parts.All(part => part is "0" || (part.Length is > 0 and <= 3 && part[0] is > '0' and <= '9' && part.All(char.IsAsciiDigit)));

    private static UInt128 Mask(int length) => length == 0 ? UInt128.Zero : UInt128.MaxValue << (AllBits - length);

    private IPAddress Address()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, Bits);
        return new IPAddress(IsIPv4 ? bytes[12..] : bytes);
    }
}
