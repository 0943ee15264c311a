namespace IotBackend.Performance.Load;

/// <summary>
/// Some devices of a made-up fleet, each measuring temperature (random walk, one decimal), humidity (whole) and pressure (one
/// decimal) every ten seconds; made from the seed alone, so that two servers can be given the same. Devices in turn, then the next step.
/// </summary>
internal sealed class FleetSlice
{
    public const int FieldsADevice = 3;
    public const long StepMilliseconds = 10_000;
    public const int JitterMilliseconds = 200;

    /// <summary>The time of the first step: 2026-01-05T00:00:00Z.</summary>
    public const long StartMilliseconds = 1_767_571_200_000;

    private readonly int _firstDevice;
    private readonly bool _jitter;
    private readonly short[] _temperature;
    private readonly short[] _humidity;
    private readonly short[] _pressure;
    private ulong _random;
    private int _next;
    private long _step;

    public FleetSlice(int firstDevice, int devices, bool jitter)
    {
        (_firstDevice, _jitter) = (firstDevice, jitter);
        (_temperature, _humidity, _pressure) = (new short[devices], new short[devices], new short[devices]);
        _temperature.AsSpan().Fill(214);
        _humidity.AsSpan().Fill(56);
        _pressure.AsSpan().Fill(10_132);
        _random = ((ulong)firstDevice * 0x9E37_79B9_7F4A_7C15) | 1;
    }

    public FleetReading Next()
    {
        var index = _next;
        var bits = NextRandom();
        _temperature[index] += (short)((int)(bits & 7) - ((int)(bits >> 3) & 7));
        _humidity[index] = (short)Math.Clamp(_humidity[index] + ((int)(bits >> 8) & 3) - ((int)(bits >> 10) & 3), 0, 100);
        _pressure[index] += (short)((int)((bits >> 12) & 3) - ((int)(bits >> 14) & 3));
        var jitter = _jitter ? (long)((bits >> 32) % ((2 * JitterMilliseconds) + 1)) - JitterMilliseconds : 0;
        var time = StartMilliseconds + (_step * StepMilliseconds) + jitter;
        if (++_next == _temperature.Length)
            (_next, _step) = (0, _step + 1);
        return new FleetReading(_firstDevice + index, time, _temperature[index] / 10.0, _humidity[index], _pressure[index] / 10.0);
    }

    private ulong NextRandom()
    {
        _random ^= _random << 13;
        _random ^= _random >> 7;
        return _random ^= _random << 17;
    }
}

/// <summary>What a device of the fleet says at one time, in milliseconds since 1970.</summary>
internal readonly record struct FleetReading(int Device, long Milliseconds, double Temperature, int Humidity, double Pressure);
