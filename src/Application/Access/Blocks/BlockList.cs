using System.Collections.Concurrent;
using System.Net;
using IotBackend.Application.Access.Audit;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;

namespace IotBackend.Application.Access.Blocks;

/// <summary>
/// The blocks that hold on this node, in memory: asked at every request. What a rule adds holds at once, and is stored by
/// <see cref="BlockSynchronization"/> when the key store answers. Blocks made by rules stay for a quiet day after their end, so that the next one is longer.
/// </summary>
public sealed class BlockList(BlockRules rules, ISecurityEvents events, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<BlockTarget, Block> _all = [];
    private readonly Dictionary<BlockTarget, BlockChange> _pending = [];
    private readonly HashSet<BlockTarget> _touched = [];
    private readonly Dictionary<BlockTarget, Block> _made = [];
    private readonly BlockedNetworks _networks = new();
    private readonly ConcurrentDictionary<string, Block> _keys = new(StringComparer.Ordinal);

    /// <summary>A rule has blocked something, which is to be stored.</summary>
    public event Action? BlockedByRule;

    /// <summary>Why requests from the address are refused; null when they are not.</summary>
    public Error? CheckAddress(IPAddress? address) =>
        address is null || _networks.IsEmpty ? null : _networks.Find(AddressNetwork.Of(address), time)?.Refusal(time.GetUtcNow());

    /// <summary>Why requests with the key are refused; null when they are not.</summary>
    public Error? CheckKey(string keyId) =>
        _keys.TryGetValue(keyId, out var block) && time.GetUtcNow() is var now && block.HoldsAt(now) ? block.Refusal(now) : null;

    /// <summary>Blocks a target because a rule says so, longer than the last time. Does nothing when it is blocked already.</summary>
    public void BlockByRule(BlockTarget target, string reason)
    {
        Block block;
        lock (_lock)
        {
            var now = Now;
            var before = _all.GetValueOrDefault(target);
            if (before?.HoldsAt(now) == true)
                return;
            var count = before is { IsByHand: false, Until: { } end } && now - end < BlockRules.QuietTime ? before.Count + 1 : 1;
            block = new Block(NewId(now), target.Kind, target.Value, reason, now, now + rules.DurationOf(count), count);
            Put(block);
            (_pending[target], _made[target]) = (new BlockChange(block, IsLifted: false), block);
            if (_all.Count > rules.MaxBlocks)
                ForgetSome();
        }

        Post("block.create", block);
        BlockedByRule?.Invoke();
    }

    /// <summary>A new block made by hand; it has to be stored, and then held by <see cref="Hold"/>.</summary>
    public Block Prepare(BlockTarget target, string reason, DateTimeOffset? until)
    {
        var now = Now;
        return new Block(NewId(now), target.Kind, target.Value, reason, now, until, 0);
    }

    /// <summary>Makes a stored block hold here.</summary>
    public void Hold(Block block)
    {
        lock (_lock)
        {
            Put(block);
            _pending.Remove(block.Target);
            _made.Remove(block.Target);
        }
    }

    /// <summary>Lifts a block here, and no newer one of its target. It is also removed from the store once more, where it may be about to be written.</summary>
    public void Lift(Block block)
    {
        var target = block.Target;
        lock (_lock)
        {
            _touched.Add(target);
            if (_all.TryGetValue(target, out var held) && held.Id != block.Id)
                return;
            Remove(target);
            _pending[target] = new BlockChange(block, IsLifted: true);
            _made.Remove(target);
        }
    }

    /// <summary>The block of the target that holds now, or null.</summary>
    public Block? Find(BlockTarget target)
    {
        lock (_lock)
            return _all.TryGetValue(target, out var block) && block.HoldsAt(time.GetUtcNow()) ? block : null;
    }

    /// <summary>The blocks that hold now, the newest first.</summary>
    public IReadOnlyList<Block> List()
    {
        var now = time.GetUtcNow();
        lock (_lock)
            return [.. _all.Values.Where(block => block.HoldsAt(now)).OrderByDescending(block => block.Id, StringComparer.Ordinal)];
    }

    /// <summary>Some of what is to be stored or removed; what can not be done is given back.</summary>
    internal IReadOnlyList<BlockChange> TakePending(int most)
    {
        lock (_lock)
        {
            List<BlockChange> taken = [.. _pending.Values.Take(most)];
            foreach (var change in taken)
                _pending.Remove(change.Block.Target);
            return taken;
        }
    }

    internal void GiveBack(IEnumerable<BlockChange> changes)
    {
        lock (_lock)
        {
            foreach (var change in changes)
                _pending.TryAdd(change.Block.Target, change);
        }
    }

    /// <summary>From now on what is changed here is newer than what the store is about to tell.</summary>
    internal void BeginRefresh()
    {
        lock (_lock)
            _touched.Clear();
    }

    /// <summary>Takes over what other nodes have stored and removed.</summary>
    internal void Refresh(IReadOnlyList<Block> stored)
    {
        lock (_lock)
        {
            var kept = stored.Select(block => block.Target).ToHashSet();
            foreach (var gone in _all.Keys.Where(target => !kept.Contains(target) && !IsNewer(target)).ToList())
                Remove(gone);
            foreach (var block in stored.Where(block => !IsNewer(block.Target) && _all.GetValueOrDefault(block.Target) != block))
                Put(block);
        }
    }

    /// <summary>Tells the end of blocks that a rule made here, and forgets what can not count any more.</summary>
    internal void ForgetEnded()
    {
        var now = time.GetUtcNow();
        List<Block> ended;
        lock (_lock)
        {
            ended = [.. _made.Values.Where(block => !block.HoldsAt(now))];
            foreach (var block in ended)
                _made.Remove(block.Target);
            foreach (var old in _all.Values.Where(block => !block.HoldsAt(block.IsByHand ? now : now - BlockRules.QuietTime)).ToList())
                Remove(old.Target);
        }

        foreach (var block in ended)
            Post("block.end", block);
    }

    private DateTimeOffset Now
    {
        get
        {
            var now = time.GetUtcNow();
            return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMillisecond));
        }
    }

    private static string NewId(DateTimeOffset now) => Guid.CreateVersion7(now).ToString("N");

    private bool IsNewer(BlockTarget target) => _touched.Contains(target) || _pending.ContainsKey(target);

    // In one step, for those who look without the lock: while a block takes another's place, nobody slips through.
    private void Put(Block block)
    {
        _touched.Add(block.Target);
        _all[block.Target] = block;
        if (block.Kind == BlockKind.Key)
            _keys[block.Value] = block;
        else
            _networks.Add(block);
    }

    private void Remove(BlockTarget target)
    {
        if (!_all.Remove(target, out var block))
            return;
        if (target.Kind == BlockKind.Key)
            _keys.TryRemove(target.Value, out _);
        else
            _networks.Remove(block);
    }

    // A tenth at once, because looking for them takes a while.
    private void ForgetSome()
    {
        foreach (var block in _all.Values.Where(block => !block.IsByHand).OrderBy(block => block.Until).Take((rules.MaxBlocks / 10) + 1).ToList())
        {
            Remove(block.Target);
            _pending.Remove(block.Target);
            _made.Remove(block.Target);
        }
    }

    private void Post(string action, Block block) => events.Post(new SecurityEvent(action, AuditEntry.Done)
    {
        Address = block.Kind == BlockKind.Address && AddressNetwork.TryParse(block.Value, out var network) ? network : null,
        ActorId = block.Kind == BlockKind.Key ? block.Value : null,
        ObjectKind = BlockAudit.Kind,
        ObjectId = block.Id,
        After = action == "block.create" ? BlockAudit.Describe(block) : null,
        Before = action == "block.create" ? null : BlockAudit.Describe(block),
    });
}
