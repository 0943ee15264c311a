using System.Collections.Concurrent;
using IotBackend.Application.Nodes;
using IotBackend.Domain.Access;

namespace IotBackend.Application.Access.SeriesLimits;

/// <summary>
/// What keys may bring of new devices and series. Counted in memory, without a question to anybody for what is known already; nodes tell each other
/// several times a second what they have granted, so that together they grant at most what comes within that time too much.
/// </summary>
public sealed class KeySeriesLimits : IDisposable
{
    private static readonly TimeSpan TellEvery = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentDictionary<string, SeriesAllowance> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TakenSeries> _untold = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly SeriesLimitRules _rules;
    private readonly INodeMessages _messages;
    private readonly TimeProvider _time;
    private readonly IDisposable _subscription;
    private readonly ITimer? _timer;

    public KeySeriesLimits(SeriesLimitRules rules, INodeMessages messages, TimeProvider time)
    {
        (_rules, _messages, _time) = (rules, messages, time);
        _subscription = messages.Subscribe(TakenSeries.Topic, Receive, static () => { });
        if (messages is not SingleNode)
            _timer = time.CreateTimer(_ => Tell(), null, TellEvery, TellEvery);
    }

    /// <summary>What the key may bring; null when its tier has no limit.</summary>
    public SeriesAllowance? Of(Caller caller)
    {
        if (_rules.Of(caller.Tier) is not { } limit)
            return null;
        var allowance = Of(caller.KeyId);
        if (!ReferenceEquals(allowance.Limit, limit))
            allowance.Limit = limit;
        return allowance;
    }

    public void Dispose()
    {
        _subscription.Dispose();
        _timer?.Dispose();
    }

    private SeriesAllowance Of(string keyId) => _keys.TryGetValue(keyId, out var found)
        ? found
        : _keys.GetOrAdd(keyId, static (id, self) => new SeriesAllowance(id, self._time, self.Note), this);

    private void Note(string keyId, int devices, int series)
    {
        if (_timer is null)
            return;
        lock (_gate)
        {
            var before = _untold.GetValueOrDefault(keyId) ?? new TakenSeries(keyId, 0, 0);
            _untold[keyId] = before with { Devices = before.Devices + devices, Series = before.Series + series };
        }
    }

    private void Tell()
    {
        TakenSeries[] taken;
        lock (_gate)
        {
            taken = [.. _untold.Values];
            _untold.Clear();
        }

        if (taken.Length > 0)
            _messages.Publish(TakenSeries.Topic, TakenSeries.Encode(taken));
    }

    private void Receive(ReadOnlyMemory<byte> message)
    {
        foreach (var taken in TakenSeries.Decode(message.Span))
        {
            if (taken.Key is { } key)
                Of(key).TakenElsewhere(taken.Devices, taken.Series);
        }
    }
}
