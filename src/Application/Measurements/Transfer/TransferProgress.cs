namespace IotBackend.Application.Measurements.Transfer;

/// <summary>How far an export or an import has come, to be looked at from another thread at any time.</summary>
public sealed class TransferProgress
{
    private long _measurements;
    private long _values;
    private long _fraction = BitConverter.DoubleToInt64Bits(double.NaN);
    private volatile string? _waitingFor;
    private volatile string? _step;

    /// <summary>Measurements of this run.</summary>
    public long Measurements => Interlocked.Read(ref _measurements);

    /// <summary>Values of their fields.</summary>
    public long Values => Interlocked.Read(ref _values);

    /// <summary>How much of the whole is done, from 0 to 1; not a number while that is not known.</summary>
    public double Fraction
    {
        get => BitConverter.Int64BitsToDouble(Interlocked.Read(ref _fraction));
        set => Interlocked.Exchange(ref _fraction, BitConverter.DoubleToInt64Bits(value));
    }

    /// <summary>What holds it up; null while nothing does.</summary>
    public string? WaitingFor
    {
        get => _waitingFor;
        set => _waitingFor = value;
    }

    /// <summary>What is being done, such as <c>bucket 'default'</c>.</summary>
    public string? Step
    {
        get => _step;
        set => _step = value;
    }

    public void Add(long measurements, long values)
    {
        Interlocked.Add(ref _measurements, measurements);
        Interlocked.Add(ref _values, values);
    }
}
