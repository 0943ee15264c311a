using System.Buffers;
using System.Buffers.Binary;
using CsCheck;
using IotBackend.Domain.Measurements;
using IotBackend.Infrastructure.Measurements.Embedded;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Embedded;

public sealed class ChunkCodecTests
{
    private const long Second = Timestamp.NanosecondsPerSecond;
    private const long Start = 1_795_466_640 * Second;

    private static readonly Gen<int> Count = Gen.OneOf(Gen.Int[1, 8], Gen.Int[1, 300]);

    private static readonly Gen<long> Step = Gen.OneOf(
        Gen.Const(10 * Second), Gen.Long[9_800, 10_200].Select(ms => ms * 1_000_000), Gen.Long[1, 1_000_000], Gen.Long[1, long.MaxValue / 400]);

    private static readonly Gen<long[]> Times = Gen.OneOf(
        Gen.Select(Gen.Long[long.MinValue, 0], Step.Array[1, 300], Ascending),
        Gen.Long.Array[1, 300].Select(times => times.Distinct().Order().ToArray()),
        Gen.Long.Array[0, 50].Select(times => times.Append(long.MinValue).Append(long.MaxValue).Append(0).Distinct().Order().ToArray()));

    private static readonly Gen<long> NumberBits = Gen.OneOf(
        Gen.Double.Select(BitConverter.DoubleToInt64Bits),
        Gen.Long,
        Gen.Select(Gen.Int[-5000, 5000], Gen.Int[0, 6], (whole, decimals) => BitConverter.DoubleToInt64Bits(whole / Math.Pow(10, decimals))),
        Gen.Float.Select(number => BitConverter.DoubleToInt64Bits(number)),
        Gen.OneOf(
            -0.0, 0.0, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon, -double.Epsilon, double.MaxValue,
            double.MinValue, 2.2250738585072009e-308, 9_007_199_254_740_992, 9_007_199_254_740_993, 1e22, 1e-17, 0.1 + 0.2)
            .Select(BitConverter.DoubleToInt64Bits),
        Gen.OneOf(0x7FF8_0000_DEAD_BEEF, 0x7FF0_0000_0000_0001, unchecked((long)0xFFF8_1234_5678_9ABC)));

    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.OneOf("ok", "warming up", "", "Störung", "温度过高", "😀", "\0", "\u0301"),
        Gen.OneOf('a', 'ü', '温').Select(Gen.Int[0, 1024], (character, length) => new string(character, length)),
        Gen.Char['\u0001', '\uD7FF'].Array[0, 40].Select(characters => new string(characters)));

    [Fact]
    public void Numbers_come_back_bit_for_bit() =>
        Gen.Select(Times, NumberBits.Array[300]).Sample((times, bits) => AssertRoundTrip(FieldType.Number, times, bits, []));

    [Fact]
    public void Numbers_of_one_kind_come_back_bit_for_bit() =>
        Gen.Select(Count, Gen.Int[0, 17], Gen.Int[-100_000, 100_000].Array[300], NumberBits).Sample((count, decimals, wholes, odd) =>
        {
            var bits = Array.ConvertAll(wholes, whole => BitConverter.DoubleToInt64Bits(whole / Math.Pow(10, decimals)));
            bits[count / 2] = odd;
            AssertRoundTrip(FieldType.Number, Regular(count), bits, []);
        });

    [Fact]
    public void Booleans_come_back() =>
        Gen.Select(Times, Gen.Bool.Array[300]).Sample((times, values) =>
            AssertRoundTrip(FieldType.Boolean, times, Array.ConvertAll(values, value => value ? 1L : 0), []));

    [Fact]
    public void Texts_come_back() =>
        Gen.Select(Times, Text.Array[300]).Sample((times, texts) => AssertRoundTrip(FieldType.Text, times, [], texts), iter: 300);

    [Fact]
    public void Few_texts_in_any_order_come_back() =>
        Gen.Select(Times, Text.Array[1, 5], Gen.Int[0, 1000].Array[300]).Sample(
            (times, words, choices) => AssertRoundTrip(FieldType.Text, times, [], Array.ConvertAll(choices, choice => words[choice % words.Length])),
            iter: 300);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(255)]
    [InlineData(256)]
    public void Chunk_takes_up_to_256_points(int count) => Assert.Equal(count, Encode(FieldType.Number, Regular(count), new long[count], []).Count);

    [Fact]
    public void Point_257_waits_for_the_next_chunk() =>
        Assert.Equal(256, Encode(FieldType.Number, Regular(257), new long[257], []).Count);

    [Fact]
    public void No_points_write_nothing()
    {
        var (count, data) = Encode(FieldType.Number, [], [], []);
        Assert.Equal((0, 0), (count, data.Length));
    }

    [Fact]
    public void Chunk_of_random_bits_stays_within_its_bytes_and_is_well_filled()
    {
        var random = new Random(7);
        var times = Enumerable.Range(0, 256).Select(_ => random.NextInt64(long.MinValue, long.MaxValue)).Distinct().Order().ToArray();
        var (count, data) = Encode(FieldType.Number, times, [.. times.Select(_ => random.NextInt64(long.MinValue, long.MaxValue))], []);
        Assert.InRange(data.Length, 3500, ChunkCodec.MaxBytes);
        Assert.InRange(count, 220, 256);
    }

    [Fact]
    public void Text_larger_than_a_chunk_is_encoded_alone()
    {
        var (count, data) = Encode(FieldType.Text, Regular(3), [], [new string('温', 2000), "next", "last"]);
        Assert.Equal(1, count);
        Assert.InRange(data.Length, 6000, 6100);
    }

    [Fact]
    public void Different_texts_of_1024_characters_share_a_chunk_as_far_as_they_fit() =>
        Assert.Equal(3, Encode(FieldType.Text, Regular(8), [], [.. "abcdefgh".Select(letter => new string(letter, 1024))]).Count);

    [Fact]
    public void Decoding_appends()
    {
        var into = new PointColumns();
        into.Add(1, 0, "before");
        var (_, data) = Encode(FieldType.Text, [2, 3], [], ["a", "b"]);
        ChunkCodec.Decode(FieldType.Text, data, into);
        Assert.Equal(["before", "a", "b"], into.Texts[..into.Count]);
        Assert.Equal([1, 2, 3], into.Times[..into.Count]);
    }

    [Fact]
    public void Regular_walk_with_one_decimal_takes_under_a_byte_a_point() =>
        Assert.InRange(BytesAPoint(Regular(256), Walk(256)), 0.3, 1.0);

    [Fact]
    public void Jitter_of_200_milliseconds_takes_less_than_a_byte_and_a_half_more() =>
        Assert.InRange(BytesAPoint(Jittered(256), Walk(256)), 1.0, 2.5);

    [Fact]
    public void Constant_chunk_is_nearly_free() => Assert.InRange(Encode(FieldType.Number, Regular(256), Same(256, 21.4), []).Data.Length, 10, 40);

    [Fact]
    public void A_single_negative_zero_does_not_cost_the_decimals_of_the_others()
    {
        var values = Walk(256);
        values[100] = BitConverter.DoubleToInt64Bits(-0.0);
        Assert.InRange(BytesAPoint(Regular(256), values), 0.3, 1.1);
    }

    [Fact]
    public void A_gap_does_not_cost_the_regularity_of_the_others()
    {
        var times = Regular(256);
        for (var i = 77; i < times.Length; i++)
            times[i] += 1_234 * Second;
        Assert.InRange(BytesAPoint(times, Same(256, 1)), 0.05, 0.2);
    }

    [Fact]
    public void Numbers_of_single_precision_do_not_pay_for_double()
    {
        var random = new Random(3);
        var bits = Enumerable.Range(0, 256).Select(_ => BitConverter.DoubleToInt64Bits((float)(20 + random.NextDouble()))).ToArray();
        Assert.InRange(BytesAPoint(Regular(256), bits), 2, 3.3);
    }

    [Fact]
    public void Encoding_and_decoding_allocate_nothing_once_there_is_room()
    {
        var (times, bits, into, buffer) = (Jittered(256), Walk(256), new PointColumns(), new ArrayBufferWriter<byte>(16_384));
        RoundTripOnce();
        var before = GC.GetAllocatedBytesForCurrentThread();
        RoundTripOnce();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void RoundTripOnce()
        {
            buffer.ResetWrittenCount();
            into.Clear();
            ChunkCodec.Encode(FieldType.Number, times, bits, [], buffer);
            ChunkCodec.Decode(FieldType.Number, buffer.WrittenSpan, into);
        }
    }

    [Fact]
    public void Any_changed_byte_is_noticed()
    {
        var (_, data) = Encode(FieldType.Number, Jittered(100), Walk(100), []);
        for (var i = 0; i < data.Length; i++)
        {
            var damaged = data.ToArray();
            damaged[i] ^= 0x10;
            Assert.Throws<InvalidDataException>(() => ChunkCodec.Decode(FieldType.Number, damaged, new PointColumns()));
        }
    }

    [Fact]
    public void Any_cut_is_noticed()
    {
        var (_, data) = Encode(FieldType.Text, Regular(50), [], [.. Enumerable.Range(0, 50).Select(i => $"state {i % 7}")]);
        for (var length = 0; length < data.Length; length++)
            Assert.Throws<InvalidDataException>(() => ChunkCodec.Decode(FieldType.Text, data.AsSpan(0, length), new PointColumns()));
    }

    [Fact]
    public void Chunk_of_another_type_is_refused()
    {
        var (_, data) = Encode(FieldType.Boolean, Regular(5), [1, 0, 1, 0, 1], []);
        Assert.Throws<InvalidDataException>(() => ChunkCodec.Decode(FieldType.Number, data, new PointColumns()));
    }

    [Fact]
    public void Garbage_with_a_valid_checksum_is_refused_or_read_but_never_breaks_out() =>
        Gen.Select(
            Gen.OneOf(FieldType.Number, FieldType.Boolean, FieldType.Text), Gen.Byte.Array[0, 200], Gen.Int[1, 256])
            .Sample((type, garbage, count) => AssertContained(type, [(byte)(0x10 | (int)type), (byte)(count - 1), .. garbage]), iter: 20_000);

    [Fact]
    public void Mutated_chunk_with_a_valid_checksum_is_refused_or_read_but_never_breaks_out() =>
        Gen.Select(
            Gen.OneOf(FieldType.Number, FieldType.Boolean, FieldType.Text), NumberBits.Array[64], Text.Array[64],
            Gen.Select(Gen.Int[0, 5000], Gen.Byte).Array[1, 4]).Sample(
            (type, bits, texts, changes) =>
            {
                var values = type == FieldType.Boolean ? Array.ConvertAll(bits, value => value & 1) : bits;
                var payload = Encode(type, Jittered(64), values, texts).Data.AsSpan()[..^ChunkChecksum.Length].ToArray();
                foreach (var (position, value) in changes)
                    payload[1 + (position % (payload.Length - 1))] = value;
                AssertContained(type, payload);
            },
            iter: 5_000);

    private static void AssertContained(FieldType type, byte[] payload)
    {
        var seal = new byte[ChunkChecksum.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(seal, ChunkChecksum.Of(payload));
        var into = new PointColumns();
        try
        {
            ChunkCodec.Decode(type, [.. payload, .. seal], into);
            Assert.Equal(payload[1] + 1, into.Count);
        }
        catch (InvalidDataException)
        {
            Assert.Equal(0, into.Count);
        }
    }

    private static void AssertRoundTrip(FieldType type, long[] times, long[] bits, string[] texts)
    {
        var into = new PointColumns();
        var done = 0;
        while (done < times.Length)
        {
            var (count, data) = Encode(
                type, times.AsSpan(done), bits.AsSpan(Math.Min(done, bits.Length)), texts.AsSpan(Math.Min(done, texts.Length)));
            Assert.InRange(count, 1, ChunkCodec.MaxPoints);
            Assert.InRange(data.Length, 1, ChunkCodec.MaxBytes);
            ChunkCodec.Decode(type, data, into);
            done += count;
        }

        Assert.Equal(times, into.Times[..into.Count]);
        if (type == FieldType.Text)
            Assert.Equal(texts[..done], into.Texts[..into.Count]);
        else
            Assert.Equal(bits[..done], into.Bits[..into.Count]);
    }

    private static (int Count, byte[] Data) Encode(
        FieldType type, ReadOnlySpan<long> times, ReadOnlySpan<long> bits, ReadOnlySpan<string> texts)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var count = ChunkCodec.Encode(type, times, bits, texts, buffer);
        return (count, buffer.WrittenSpan.ToArray());
    }

    private static double BytesAPoint(long[] times, long[] bits)
    {
        var (count, data) = Encode(FieldType.Number, times, bits, []);
        return (double)data.Length / count;
    }

    private static long[] Ascending(long first, long[] steps)
    {
        for (var i = 0; i < steps.Length; i++)
            steps[i] = first += steps[i];
        return steps;
    }

    private static long[] Regular(int count) => [.. Enumerable.Range(0, count).Select(i => Start + (i * 10 * Second))];

    private static long[] Jittered(int count)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(i => Start + (i * 10 * Second) + (random.Next(-200, 201) * 1_000_000L))];
    }

    private static long[] Walk(int count)
    {
        var random = new Random(2);
        var tenths = 214;
        return [.. Enumerable.Range(0, count).Select(_ => BitConverter.DoubleToInt64Bits((tenths += random.Next(-3, 4)) / 10.0))];
    }

    private static long[] Same(int count, double value) => [.. Enumerable.Repeat(BitConverter.DoubleToInt64Bits(value), count)];
}
