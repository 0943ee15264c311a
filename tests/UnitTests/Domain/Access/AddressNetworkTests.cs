using System.Net;
using CsCheck;
using IotBackend.Domain.Access;
using Xunit;

namespace IotBackend.UnitTests.Domain.Access;

public sealed class AddressNetworkTests
{
    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("192.0.2.7/32", "192.0.2.7")]
    [InlineData("192.0.2.0/24", "192.0.2.0/24")]
    [InlineData("10.0.0.0/8", "10.0.0.0/8")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("2001:DB8::7", "2001:db8::7")]
    [InlineData("2001:db8::/32", "2001:db8::/32")]
    [InlineData("::/0", "::/0")]
    [InlineData("::1", "::1")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7")]
    public void What_is_written_is_read(string text, string expected)
    {
        Assert.True(AddressNetwork.TryParse(text, out var network));
        Assert.Equal(expected, network.ToString());
        Assert.True(AddressNetwork.TryParse(network.ToString(), out var again));
        Assert.Equal(network, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/8")]
    [InlineData("1")]
    [InlineData("10.1")]
    [InlineData("010.0.0.1")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("256.0.0.1")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/+8")]
    [InlineData("10.0.0.0/08")]
    [InlineData("10.0.0.0/8/8")]
    [InlineData("10.0.0.0/ 8")]
    [InlineData("10.0.0.1/8")]
    [InlineData("10.0.0.0/4294967304")]
    [InlineData("2001:db8::1/32")]
    [InlineData("2001:db8::/129")]
    [InlineData("::ffff:192.0.2.0/120")]
    [InlineData("::ffff:0:0/96")]
    [InlineData("fe80::1%eth0")]
    [InlineData("[::1]")]
    [InlineData("[::1]:443")]
    [InlineData("192.0.2.7:443")]
    [InlineData("localhost")]
    [InlineData("1\u0661.0.0.1")]
    [InlineData("10.0.0.0/\u0668")]
    public void What_is_no_network_or_has_bits_beyond_its_prefix_is_refused(string text) => Assert.False(AddressNetwork.TryParse(text, out _));

    [Fact]
    public void Mapped_address_is_the_same_as_the_plain_one()
    {
        var plain = IPAddress.Parse("192.0.2.7");
        Assert.Equal(AddressNetwork.Of(plain), AddressNetwork.Of(plain.MapToIPv6()));
        Assert.Equal(AddressNetwork.Of(plain, 24, 64), AddressNetwork.Of(plain.MapToIPv6(), 24, 64));
        Assert.Equal("192.0.2.0/24", AddressNetwork.Of(plain.MapToIPv6(), 24, 64).ToString());
    }

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7/32")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7/32")]
    [InlineData("192.0.2.0/24", "192.0.2.0/24")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("2001:db8::7", "2001:db8::7/128")]
    [InlineData("2001:db8::/32", "2001:db8::/32")]
    [InlineData("::/0", "::/0")]
    public void Runtime_has_the_same_network(string text, string expected) => Assert.Equal(IPNetwork.Parse(expected), Parse(text).ToIPNetwork());

    [Theory]
    [InlineData("::/0", "192.0.2.7")]
    [InlineData("::/32", "192.0.2.7")]
    [InlineData("0.0.0.0/0", "2001:db8::7")]
    [InlineData("0.0.0.0/0", "::")]
    public void Network_of_one_kind_holds_no_address_of_the_other(string network, string address) =>
        Assert.False(Parse(network).Contains(Parse(address)));

    [Fact]
    public void It_agrees_with_the_runtime_about_what_a_network_holds() =>
        Gen.Select(Gen.UInt, Gen.UInt, Gen.Int[0, 32]).Sample((one, other, length) =>
        {
            var (first, second) = (IPv4(one), IPv4(length > 8 ? (other & 0xFFFF) | (one & 0xFFFF0000) : other));
            var network = AddressNetwork.Of(first, length);
            var expected = IPNetwork.Parse(network.IsOneAddress ? network + "/32" : network.ToString());
            return expected.Contains(second) == network.Contains(AddressNetwork.Of(second))
                && network.Contains(AddressNetwork.Of(second)) == (AddressNetwork.Of(second).Within(network.Length) == network);
        });

    private static IPAddress IPv4(uint bits) => new([(byte)(bits >> 24), (byte)(bits >> 16), (byte)(bits >> 8), (byte)bits]);

    private static AddressNetwork Parse(string text) => AddressNetwork.TryParse(text, out var network) ? network : throw new ArgumentException("Not a network.", nameof(text));
}
