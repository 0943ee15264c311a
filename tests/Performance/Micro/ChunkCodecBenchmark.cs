using System.Buffers;
using BenchmarkDotNet.Attributes;
using IotBackend.Domain.Measurements;
using IotBackend.Infrastructure.Measurements.Embedded;

namespace IotBackend.Performance.Micro;

/// <summary>Encoding and decoding a full chunk; figures are for one point. Goals: about 40 ns to encode, 10–15 ns to decode.</summary>
public class ChunkCodecBenchmark
{
    private const int Points = ChunkCodec.MaxPoints;
    private const long Millisecond = Timestamp.NanosecondsPerMillisecond;

    private readonly long[] _times = new long[Points];
    private readonly long[] _bits = new long[Points];
    private readonly ArrayBufferWriter<byte> _encoded = new(16 * 1024);
    private readonly ArrayBufferWriter<byte> _scratch = new(16 * 1024);
    private readonly PointColumns _decoded = new();
    private int _points;

    /// <summary>The kinds of series that sensors send.</summary>
    public enum Series
    {
        RegularOneDecimal,
        JitteredOneDecimal,
        RegularComputed,
        RegularConstant,
    }

    [ParamsAllValues]
    public Series Kind { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        var random = new Random(1);
        var tenths = 214;
        for (var i = 0; i < Points; i++)
        {
            var jitter = Kind == Series.JitteredOneDecimal ? random.Next(-200, 201) : 0;
            _times[i] = ((1_795_466_640_000L + (i * 10_000L)) + jitter) * Millisecond;
            tenths += random.Next(-3, 4);
            _bits[i] = BitConverter.DoubleToInt64Bits(Kind switch
            {
                Series.RegularComputed => 20 + random.NextDouble(),
                Series.RegularConstant => 21.4,
                _ => tenths / 10.0,
            });
        }

        _points = ChunkCodec.Encode(FieldType.Number, _times, _bits, [], _encoded);
        Console.WriteLine($"// {Kind}: {_points} points in {_encoded.WrittenCount} bytes");
    }

    [Benchmark(OperationsPerInvoke = Points)]
    public int Encode()
    {
        _scratch.ResetWrittenCount();
        return ChunkCodec.Encode(FieldType.Number, _times, _bits, [], _scratch);
    }

    [Benchmark(OperationsPerInvoke = Points)]
    public int Decode()
    {
        _decoded.Clear();
        ChunkCodec.Decode(FieldType.Number, _encoded.WrittenSpan, _decoded);
        return _decoded.Count;
    }
}
