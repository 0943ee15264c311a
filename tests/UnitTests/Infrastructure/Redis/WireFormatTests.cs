using IotBackend.Application.Access.RateLimits;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Infrastructure.RateLimiting;
using IotBackend.Infrastructure.Redis;
using Xunit;
using ZiggyCreatures.Caching.Fusion.Backplane;

namespace IotBackend.UnitTests.Infrastructure.Redis;

/// <summary>
/// What nodes of version 1 have put into Redis, byte by byte: every later version reads it. Whoever changes a format adds its bytes here and
/// leaves these.
/// </summary>
public sealed class WireFormatTests
{
    private static readonly Guid Node = new("00112233-4455-6677-8899-aabbccddeeff");

    [Theory]
    [InlineData("0100" + "00112233445566778899AABBCCDDEEFF" + "6869", nameof(NodeMessageKind.Message), "6869")]
    [InlineData("0101" + "00112233445566778899AABBCCDDEEFF", nameof(NodeMessageKind.Missed), "")]
    [InlineData("0102" + "00112233445566778899AABBCCDDEEFF" + "0000000000000102", nameof(NodeMessageKind.Beat), "0000000000000102")]
    public void Message_between_nodes(string bytes, string kind, string payload)
    {
        Assert.True(NodeMessageFrame.TryDecode(Convert.FromHexString(bytes), out var frame));
        Assert.Equal((kind, Node, payload), (frame.Kind.ToString(), frame.Node, Convert.ToHexString(frame.Payload.Span)));
        Assert.Equal(bytes, Convert.ToHexString(frame.Encode()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("01")]
    [InlineData("0100" + "00112233445566778899AABBCCDDEE")]
    [InlineData("0200" + "00112233445566778899AABBCCDDEEFF")]
    [InlineData("0103" + "00112233445566778899AABBCCDDEEFF")]
    public void Message_of_another_version_is_not_understood(string bytes) =>
        Assert.False(NodeMessageFrame.TryDecode(Convert.FromHexString(bytes), out _));

    [Fact]
    public void Counter_of_a_key()
    {
        var state = new CounterState(
            28_800_000, new WindowCount { Previous = 7, Current = 3, Saved = 2 }, new WindowCount { Previous = 70_000, Current = 258, Saved = 1_000_000_000 });
        var tier = new Tier("own", 10, 100_000, 60, 1_000_000_000);
        const string Bytes = "01" + "3C000000" + "0074B70100000000"
            + "0A000000" + "A0860100" + "A0860100" + "00CA9A3B" + "07000000" + "03000000" + "02000000" + "70110100" + "02010000" + "00CA9A3B";
        Assert.Equal(Bytes, Convert.ToHexString(state.Encode(tier)));

        // The answer of the script: what it decided, when, and the counter afterwards. A later version may add to its end.
        foreach (var end in new[] { "", "FFFF" })
        {
            Assert.True(CounterState.TryReadAnswer(Convert.FromHexString("01" + "0068E5CF8B010000" + Bytes + end), out var outcome, out var now, out var read));
            Assert.Equal((RateLimitOutcome.Exceeded, 1_700_000_000_000L, state), (outcome, now, read));
        }
    }

    [Fact]
    public void Question_to_the_script()
    {
        var tier = new Tier("own", null, 100, 3_600, 5);
        Assert.Equal(
            "02" + "100E0000" + "01000000" + "00000000" + "64000000" + "05000000" + "01000000" + "0A000000" + "02000000" + "1E000000" + "0068E5CF8B010000",
            Convert.ToHexString(CounterState.Ask(tier, new RequestCost(1, 10), new RequestCost(2, 30), 1_700_000_000_000)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00" + "0068E5CF8B010000")]
    [InlineData("00" + "0068E5CF8B010000" + "02" + "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("03" + "0068E5CF8B010000" + "01" + "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000")]
    public void Answer_of_another_version_is_not_understood(string bytes) =>
        Assert.False(CounterState.TryReadAnswer(Convert.FromHexString(bytes), out _, out _, out _));

    [Fact]
    public void Message_between_caches()
    {
        var message = BackplaneMessage.FromByteArray(Convert.FromHexString("00" + "04000000" + "6E6F6465" + "0000B3A69EA1DA08" + "02" + "03000000" + "6B6579"));
        Assert.Equal(("node", 638_000_000_000_000_000, BackplaneMessageAction.EntryRemove, "key"), (message.SourceId, message.Timestamp, message.Action, message.CacheKey));
    }
}
