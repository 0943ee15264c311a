using IotBackend.Domain.Measurements;

namespace IotBackend.Application.Access.SeriesLimits;

/// <summary>What one key has brought within the last hour, here and on other nodes.</summary>
/// <param name="keyId">The key.</param>
/// <param name="time">The clock.</param>
/// <param name="taken">Is told what was taken here, devices and series; what was given back is less than nothing.</param>
public sealed class SeriesAllowance(string keyId, TimeProvider time, Action<string, int, int> taken) : ISeriesAllowance
{
    private const int SecondsPerMinute = 60;

    private readonly Lock _gate = new();
    private SlidingHour? _devices;
    private SlidingHour? _series;
    private volatile SeriesLimit _limit = new(0, 0);

    /// <summary>As the tier of the key has it now.</summary>
    public SeriesLimit Limit
    {
        get => _limit;
        set => _limit = value;
    }

    public bool TryTake(bool isNewDevice, int series)
    {
        lock (_gate)
        {
            MoveOn();
            if (_series!.Sum + series > _limit.Series || (isNewDevice && _devices!.Sum >= _limit.Devices))
                return false;
            Add(isNewDevice ? 1 : 0, series);
        }

        taken(keyId, isNewDevice ? 1 : 0, series);
        return true;
    }

    public void GiveBack(int devices, int series)
    {
        TakenElsewhere(-devices, -series);
        taken(keyId, -devices, -series);
    }

    /// <summary>Another node has taken some, or given some back.</summary>
    public void TakenElsewhere(int devices, int series)
    {
        lock (_gate)
        {
            MoveOn();
            Add(devices, series);
        }
    }

    /// <summary>How the key stands; null, and without looking at a clock, while it has brought nothing new.</summary>
    public SeriesUse? Use()
    {
        if (Volatile.Read(ref _series) is null)
            return null;
        lock (_gate)
        {
            MoveOn();
            var tighter = _devices!.Sum * _limit.Series > _series!.Sum * _limit.Devices ? _devices : _series;
            return new SeriesUse(_limit, _devices.Sum, _series.Sum, tighter.MinutesToNext() * SecondsPerMinute);
        }
    }

    private void MoveOn()
    {
        var minute = time.GetUtcNow().ToUnixTimeSeconds() / SecondsPerMinute;
        (_devices ??= new SlidingHour()).MoveTo(minute);
        if (_series is null)
            Volatile.Write(ref _series, new SlidingHour());
        _series.MoveTo(minute);
    }

    private void Add(int devices, int series)
    {
        _devices!.Add(devices);
        _series!.Add(series);
    }
}
