using System.Buffers.Binary;
using IotBackend.Application.Access.RateLimits;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;

namespace IotBackend.Infrastructure.RateLimiting;

/// <summary>
/// What a key has used, as nodes share it: packed with the least byte first, in the format of version 1. A later version may add to its end;
/// one that changes more takes another version, and another name of the keys in Redis, so that neither overwrites the other's.
/// </summary>
/// <param name="Window">Number of the window since the epoch.</param>
internal readonly record struct CounterState(long Window, WindowCount Requests, WindowCount Measurements)
{
    public const byte Version = 1;

    /// <summary>Bytes of one decision in an answer.</summary>
    public const int AnswerSize = AnswerHead + Size;

    private const int Size = 53;
    private const int AnswerHead = 9;
    private const int WindowAt = 5;
    private const int CountsAt = 29;

    /// <summary>The question of the script: what the tier allows, what the request costs.</summary>
    /// <param name="tier">A tier with limits.</param>
    /// <param name="cost">What is asked for.</param>
    /// <param name="unshared">What the asking node has granted in this window by itself.</param>
    /// <param name="now">Unix milliseconds; 0: the server's clock.</param>
    public static byte[] Ask(Tier tier, RequestCost cost, RequestCost unshared, long now)
    {
        var bytes = new byte[45];
        bytes[0] = (byte)((tier.Requests is null ? 0 : 1) + (tier.Measurements is null ? 0 : 2));
        WriteLimits(bytes.AsSpan(1), tier);
        Write(bytes, 21, cost.Requests);
        Write(bytes, 25, cost.Measurements);
        Write(bytes, 29, unshared.Requests);
        Write(bytes, 33, unshared.Measurements);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(37), now);
        return bytes;
    }

    /// <summary>The state as the script keeps it.</summary>
    public byte[] Encode(Tier tier)
    {
        var bytes = new byte[Size];
        bytes[0] = Version;
        Write(bytes, 1, tier.WindowSeconds);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(WindowAt), Window);
        WriteQuotas(bytes.AsSpan(13), tier);
        Write(bytes.AsSpan(CountsAt), Requests);
        Write(bytes.AsSpan(CountsAt + 12), Measurements);
        return bytes;
    }

    /// <summary>Reads one decision of the script's answer; false when it is none of this version.</summary>
    public static bool TryReadAnswer(ReadOnlySpan<byte> bytes, out RateLimitOutcome outcome, out long now, out CounterState state)
    {
        (outcome, now, state) = (default, 0, default);
        if (bytes.Length < AnswerSize || bytes[AnswerHead] != Version || bytes[0] > (byte)RateLimitOutcome.TooLarge)
            return false;
        outcome = (RateLimitOutcome)bytes[0];
        now = BinaryPrimitives.ReadInt64LittleEndian(bytes[1..]);
        var packed = bytes[AnswerHead..];
        state = new CounterState(BinaryPrimitives.ReadInt64LittleEndian(packed[WindowAt..]), Read(packed[CountsAt..]), Read(packed[(CountsAt + 12)..]));
        return true;
    }

    private static void WriteLimits(Span<byte> bytes, Tier tier)
    {
        Write(bytes, 0, tier.WindowSeconds);
        WriteQuotas(bytes[4..], tier);
    }

    private static void WriteQuotas(Span<byte> bytes, Tier tier)
    {
        var (requests, measurements) = (KeyCounter.RequestsOf(tier), KeyCounter.MeasurementsOf(tier));
        Write(bytes, 0, requests.Quota);
        Write(bytes, 4, requests.Burst);
        Write(bytes, 8, measurements.Quota);
        Write(bytes, 12, measurements.Burst);
    }

    private static void Write(Span<byte> bytes, WindowCount count)
    {
        Write(bytes, 0, count.Previous);
        Write(bytes, 4, count.Current);
        Write(bytes, 8, count.Saved);
    }

    private static void Write(Span<byte> bytes, int at, long value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes[at..], (uint)value);

    private static WindowCount Read(ReadOnlySpan<byte> bytes) => new()
    {
        Previous = BinaryPrimitives.ReadInt32LittleEndian(bytes),
        Current = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]),
        Saved = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]),
    };
}
