using System.Collections.Concurrent;

namespace IotBackend.Application.Access.Blocks;

/// <summary>
/// Blocks a key that goes on asking although it is refused again and again: a proper client waits. Counts are kept of keys that are
/// being refused only, so that nothing is looked up for the others while there are none.
/// </summary>
public sealed class RefusedInARow(BlockRules rules, BlockList blocks) : IKeyBehavior
{
    // Only real keys get here; this many of them misbehave at once when something else is wrong, and then counting starts anew.
    private const int MaxKeys = 65_536;

    private readonly ConcurrentDictionary<string, int> _counts = new(StringComparer.Ordinal);

    // Beside the dictionary, which takes all its locks to tell that it is empty.
    private int _keys;

    public void Refused(string keyId)
    {
        if (rules.RefusedInARow == 0)
            return;
        var count = _counts.AddOrUpdate(keyId, 1, static (_, before) => before + 1);
        if (count == 1 && Interlocked.Increment(ref _keys) > MaxKeys)
            Forget();
        if (count < rules.RefusedInARow)
            return;
        Remove(keyId);
        blocks.BlockByRule(BlockTarget.OfKey(keyId), "too many refused requests in a row");
    }

    public void Granted(string keyId)
    {
        if (Volatile.Read(ref _keys) > 0)
            Remove(keyId);
    }

    private void Remove(string keyId)
    {
        if (_counts.TryRemove(keyId, out _))
            Interlocked.Decrement(ref _keys);
    }

    private void Forget()
    {
        foreach (var keyId in _counts.Keys)
            Remove(keyId);
    }
}
