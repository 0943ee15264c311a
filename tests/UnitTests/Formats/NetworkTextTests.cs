using System.Net;
using IotBackend.Api.Formats;
using Xunit;

namespace IotBackend.UnitTests.Formats;

public sealed class NetworkTextTests
{
    [Theory]
    [InlineData("10.0.0.0/8", "10.0.0.0/8")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("::/0", "::/0")]
    [InlineData("192.0.2.7", "192.0.2.7/32")]
    [InlineData("192.0.2.7/32", "192.0.2.7/32")]
    [InlineData("2001:DB8::", "2001:db8::/128")]
    [InlineData("2001:0db8:0000::/32", "2001:db8::/32")]
    [InlineData("2001:db8::1/128", "2001:db8::1/128")]
    [InlineData("fe80::/10", "fe80::/10")]
    public void Network_is_read(string text, string expected) => Assert.Equal(expected, NetworkText.TryParse(text)?.ToString());

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/8")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/+8")]
    [InlineData("10.0.0.0/08")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/8/8")]
    [InlineData("10.0.0.0/255.0.0.0")]
    [InlineData("10.0.0.0/99999999999999999999")]
    [InlineData("2001:db8::/129")]
    [InlineData("10.0.0.1/8")]
    [InlineData("128.0.0.0/0")]
    [InlineData("2001:db8::1/32")]
    [InlineData("::1/0")]
    [InlineData("10")]
    [InlineData("10.1")]
    [InlineData("10.0.1/24")]
    [InlineData("167772161")]
    [InlineData("010.0.0.1")]
    [InlineData("0x0a.0.0.1")]
    [InlineData("10.0.0.1 ")]
    [InlineData(" 10.0.0.1")]
    [InlineData("10.0.0.0 /8")]
    [InlineData("10.0.0.0/ 8")]
    [InlineData("10.0.0.*")]
    [InlineData("[::1]")]
    [InlineData("[::1]:80")]
    [InlineData("fe80::1%1")]
    [InlineData("fe80::%1/64")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::ffff:10.0.0.0/104")]
    [InlineData("localhost")]
    [InlineData("10.0.0.0/8\n")]
    [InlineData("１０.0.0.0/8")]
    public void What_is_none_or_could_be_meant_in_two_ways_is_refused(string text) => Assert.Null(NetworkText.TryParse(text));

    [Theory]
    [InlineData("0.0.0.0/0", "203.0.113.9", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("::/0", "203.0.113.9", false)]
    [InlineData("10.0.0.0/8", "::ffff:10.1.2.3", true)]
    [InlineData("10.0.0.0/8", "11.0.0.0", false)]
    [InlineData("192.0.2.7", "192.0.2.8", false)]
    [InlineData("192.0.2.6/31", "192.0.2.7", true)]
    [InlineData("2001:db8::/127", "2001:db8::1", true)]
    [InlineData("2001:db8::/127", "2001:db8::2", false)]
    public void Caller_is_in_a_network_or_not(string network, string address, bool isIn)
    {
        var key = ApiKeys.TestKeys.KeyOf(ApiKeys.TestKeys.NewToken()) with { Networks = [NetworkText.TryParse(network)!.Value] };
        Assert.Equal(isIn, key.ToCaller().MayCallFrom(IPAddress.Parse(address)));
    }
}
