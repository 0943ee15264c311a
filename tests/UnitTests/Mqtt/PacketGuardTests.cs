using IotBackend.Api.Http;
using IotBackend.Api.Mqtt;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace IotBackend.UnitTests.Mqtt;

/// <summary>What is looked at before memory is taken for a packet.</summary>
public sealed class PacketGuardTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 127)]
    [InlineData(2, 128)]
    [InlineData(2, 16_383)]
    [InlineData(3, 16_384)]
    [InlineData(3, 2_097_151)]
    [InlineData(4, 2_097_152)]
    [InlineData(4, 268_435_455)]
    public void Length_of_a_packet_is_known_at_the_end_of_its_header(int lengthBytes, int rest)
    {
        var header = Header(rest);
        Assert.Equal(1 + lengthBytes, header.Length);
        var frame = default(PacketFrame);
        for (var i = 0; i < header.Length; i++)
        {
            Assert.Equal(0, frame.TotalBytes);
            Assert.Equal(1, frame.Take(header.AsSpan(i, 1)));
        }

        Assert.Equal(header.Length + rest, frame.TotalBytes);
        Assert.Equal(rest > 0, frame.IsOpen);
    }

    [Fact]
    public void Bytes_are_taken_to_the_end_of_a_header_and_of_a_packet_and_no_further()
    {
        byte[] bytes = [0x30, 3, 1, 2, 3, 0xC0, 0, 0x30];
        var frame = default(PacketFrame);
        Assert.Equal(2, frame.Take(bytes));
        Assert.Equal(3, frame.Take(bytes.AsSpan(2)));
        Assert.False(frame.IsOpen);
        Assert.Equal(2, frame.Take(bytes.AsSpan(5)));
        Assert.Equal(2, frame.TotalBytes);
        Assert.False(frame.IsOpen);
        Assert.Equal(1, frame.Take(bytes.AsSpan(7)));
        Assert.True(frame.IsOpen);
    }

    [Fact]
    public async Task Packet_at_the_limit_passes_and_one_byte_more_does_not()
    {
        using var guard = NewGuard(out _);
        guard.MaxBytes = 2_000;
        Assert.Equal(3, await guard.PassAsync(Header(1_997), Cancel));

        using var other = NewGuard(out _);
        other.MaxBytes = 2_000;
        await Assert.ThrowsAsync<PacketTooLargeException>(async () => await other.PassAsync(Header(1_998), Cancel));
    }

    [Fact]
    public async Task First_packet_may_be_16_KiB()
    {
        using var guard = NewGuard(out _);
        await guard.PassAsync(Header((16 << 10) - 3), Cancel);
        using var other = NewGuard(out _);
        await Assert.ThrowsAsync<PacketTooLargeException>(async () => await other.PassAsync(Header((16 << 10) - 2), Cancel));
    }

    [Fact]
    public async Task Memory_is_taken_when_a_packet_begins_and_given_back_when_the_next_one_does()
    {
        using var guard = NewGuard(out var budget);
        guard.MaxBytes = 1 << 20;
        await guard.PassAsync(Header(10_000), Cancel);
        Assert.Equal(PacketGuard.Copies * 10_003, budget.Taken);
        Assert.Equal(10_000, await guard.PassAsync(new byte[10_000], Cancel));
        Assert.Equal(PacketGuard.Copies * 10_003, budget.Taken);

        await guard.PassAsync(new byte[] { 0xC0, 0 }, Cancel);
        Assert.Equal(0, budget.Taken);

        await guard.PassAsync(Header(10_000), Cancel);
        guard.Dispose();
        Assert.Equal(0, budget.Taken);
    }

    [Fact]
    public async Task Packet_waits_for_memory_and_gives_up_in_time()
    {
        using var guard = NewGuard(out var budget);
        guard.MaxBytes = 1 << 20;
        Assert.True(budget.TryTake(1 << 20));
        var passing = guard.PassAsync(Header(10_000), Cancel).AsTask();
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(passing.IsCompleted);
        budget.GiveBack(1 << 20);
        await AdvanceUntilAsync(passing);
        Assert.Equal(3, await passing);

        using var late = NewGuard(out var full);
        late.MaxBytes = 1 << 20;
        Assert.True(full.TryTake(1 << 20));
        var giving = late.PassAsync(Header(10_000), Cancel).AsTask();
        await AdvanceUntilAsync(giving);
        await Assert.ThrowsAsync<TimeoutException>(() => giving);
    }

    [Fact]
    public async Task Open_packet_has_so_much_time_and_the_pause_between_packets_has_none()
    {
        using var guard = NewGuard(out _);
        Assert.Null(guard.Rest);
        await guard.PassAsync(new byte[] { 0x30 }, Cancel);
        Assert.Equal(Patience, guard.Rest);
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(TimeSpan.FromSeconds(1), guard.Rest);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.Zero, guard.Rest);
        await guard.PassAsync(new byte[] { 1 }, Cancel);
        await guard.PassAsync(new byte[] { 0 }, Cancel);
        Assert.Null(guard.Rest);
    }

    private async Task AdvanceUntilAsync(Task task)
    {
        for (var i = 0; i < 10_000 && !task.IsCompleted; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(20));
            await Task.Yield();
        }
    }

    private PacketGuard NewGuard(out BodyBudget budget)
    {
        budget = new BodyBudget(Options.Create(new OverloadOptions { MaxBodyBytes = 1 << 20 }));
        return new PacketGuard(budget, Patience, _time);
    }

    private static byte[] Header(int rest)
    {
        List<byte> bytes = [0x30];
        do
        {
            bytes.Add((byte)((rest & 0x7F) | (rest > 0x7F ? 0x80 : 0)));
            rest >>= 7;
        }
        while (rest > 0);
        return [.. bytes];
    }
}
