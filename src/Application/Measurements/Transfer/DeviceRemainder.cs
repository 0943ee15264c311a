using IotBackend.Domain.Measurements;

namespace IotBackend.Application.Measurements.Transfer;

/// <summary>
/// Of a device that is read again from its beginning, because reading it was broken off, the measurements that come after the last one that
/// was taken. Keys come in an order that is the same each time, each ascending by time.
/// </summary>
/// <param name="last">The last one that was taken; null when there is none.</param>
internal sealed class DeviceRemainder(MeasurementPosition? last)
{
    private MeasurementPosition? _last = last;
    private bool _isAtKey;
    private bool _isBeyond;

    /// <summary>True when the device has been read and its key where reading was broken off was not met: it is not known then what comes after.</summary>
    public bool IsLost => _last is not null && !_isAtKey && !_isBeyond;

    /// <summary>The device is read from its beginning now.</summary>
    public void Begin() => (_isAtKey, _isBeyond) = (false, _last is null);

    /// <summary>What of a part has not been taken before.</summary>
    public IReadOnlyList<Measurement> Take(IReadOnlyList<Measurement> part)
    {
        var first = 0;
        while (first < part.Count && !IsBeyond(part[first]))
            first++;
        if (first == part.Count)
            return [];
        _last = new MeasurementPosition(part[^1].Timestamp, part[^1].Key);
        return first == 0 ? part : [.. part.Skip(first)];
    }

    private bool IsBeyond(Measurement measurement)
    {
        if (_isBeyond)
            return true;
        var isSameKey = measurement.Key == _last!.Key;
        _isBeyond = isSameKey ? measurement.Timestamp > _last.Timestamp : _isAtKey;
        _isAtKey |= isSameKey;
        return _isBeyond;
    }
}
