using System.Collections.Concurrent;
using IotBackend.Domain.Access;

namespace IotBackend.Application.Access.Audit;

/// <summary>
/// Collects security events in bounded memory. An event is listed when it first happens, and its count is completed a minute later: two
/// writes, however often it happens. Beyond the most that a minute may have of one <see cref="EventSource"/>, events are only counted.
/// </summary>
public sealed class SecurityEvents(AuditKeeping keeping, TimeProvider time) : ISecurityEvents
{
    private const int PrefixIPv6 = 64;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<Identity, Collected> _collected = [];
    private readonly int[] _listed = new int[EventSources.Count];
    private long _overflow;
    private long? _overflowSince;

    public void Post(SecurityEvent happened)
    {
        var network = happened.Address is { IsOneAddress: true, IsIPv4: false } address ? address.Within(PrefixIPv6) : happened.Address;
        var identity = new Identity(happened.Action, happened.Outcome, network, happened.ActorId);
        if (_collected.TryGetValue(identity, out var known) && known.TryCount())
            return;
        var source = EventSources.Of(happened);
        ref var listed = ref _listed[(int)source];
        if (Interlocked.Increment(ref listed) > keeping.EventsAMinute)
        {
            Interlocked.Decrement(ref listed);
            Interlocked.Increment(ref _overflow);
            return;
        }

        // Two at once: the second is one more of the first.
        var added = _collected.GetOrAdd(
            identity, static (_, first) => new Collected(first.Entry, first.Source, first.At), (Entry: EntryOf(happened), Source: source, At: time.GetTimestamp()));
        if (added.IsTaken())
            return;
        Interlocked.Decrement(ref listed);
        if (!added.TryCount())
            Interlocked.Increment(ref _overflow);
    }

    /// <summary>What is to be written now: entries that are new, and those whose minute is over and whose count has grown.</summary>
    /// <param name="isLast">Ends all minutes now: nothing more will come.</param>
    internal SecurityEventBatch Take(bool isLast)
    {
        var (added, counted) = (new List<Collected>(), new List<Collected>());
        foreach (var (identity, collected) in _collected)
        {
            var isOver = isLast || time.GetElapsedTime(collected.Since) >= Window;
            if (isOver)
            {
                collected.Close();
                _collected.TryRemove(identity, out _);
                Interlocked.Decrement(ref _listed[(int)collected.Source]);
            }

            if (!collected.IsWritten)
                added.Add(collected);
            else if (isOver && collected.HasGrown)
                counted.Add(collected);
        }

        if (TakeOverflow(isLast) is { } overflow)
            added.Add(overflow);
        return new SecurityEventBatch(added, counted);
    }

    // One entry a minute, like every other.
    private Collected? TakeOverflow(bool isLast)
    {
        if (Interlocked.Read(ref _overflow) == 0)
            return null;
        _overflowSince ??= time.GetTimestamp();
        if (!isLast && time.GetElapsedTime(_overflowSince.Value) < Window)
            return null;
        _overflowSince = null;
        var count = (int)Math.Min(int.MaxValue, Interlocked.Exchange(ref _overflow, 0));
        var entry = new AuditEntry { Time = time.GetUtcNow(), Action = SecurityActions.Overflow, Outcome = SecurityActions.NotListed };
        return new Collected(entry, EventSource.Rule, time.GetTimestamp(), count);
    }

    private AuditEntry EntryOf(SecurityEvent happened) => new()
    {
        Time = time.GetUtcNow(),
        Action = happened.Action,
        Outcome = happened.Outcome,
        ActorId = happened.ActorId,
        ActorName = happened.ActorName,
        Address = happened.Address?.ToString(),
        ObjectKind = happened.ObjectKind,
        ObjectId = happened.ObjectId,
        Before = happened.Before,
        After = happened.After,
        RequestId = happened.RequestId,
    };

    private readonly record struct Identity(string Action, string Outcome, AddressNetwork? Network, string? ActorId);
}
