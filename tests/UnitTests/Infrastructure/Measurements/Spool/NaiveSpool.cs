using IotBackend.Domain.Buckets;
using IotBackend.Infrastructure.Measurements.Spool;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Spool;

/// <summary>A spool as one would write it on paper: two lists.</summary>
internal sealed class NaiveSpool(long maxBytes)
{
    private readonly List<Item> _refused = [];
    private List<Item> _waiting = [];

    public IReadOnlyList<Item> Refused => _refused;

    public IReadOnlyList<Item> Waiting => _waiting;

    public long Bytes => _waiting.Concat(_refused).Sum(item => (long)item.Payload.Length);

    public SpoolAppend Append(Item item)
    {
        if (Bytes + item.Payload.Length > maxBytes)
            return SpoolAppend.Full;
        _waiting.Add(item);
        return SpoolAppend.Stored;
    }

    public List<Item> Peek(BucketName bucket, long bytes)
    {
        List<Item> found = [];
        foreach (var item in _waiting.Where(item => item.Bucket == bucket))
        {
            bytes -= item.Payload.Length;
            if (bytes < 0 && found.Count > 0)
                break;
            found.Add(item);
        }

        return found;
    }

    public void Complete(IReadOnlyList<Item> done, IEnumerable<Item> refused)
    {
        _waiting = [.. _waiting.Except(done)];
        _refused.AddRange(refused);
    }

    public long Replay(Func<Item, bool> isMeant)
    {
        var moved = _refused.Where(isMeant).ToList();
        _refused.RemoveAll(moved.Contains);
        _waiting.AddRange(moved);
        return moved.Sum(item => (long)item.Measurements);
    }

    public void Discard(Item item) => _refused.Remove(item);

    public long Drop(BucketName bucket)
    {
        var gone = _waiting.Concat(_refused).Where(item => item.Bucket == bucket).Sum(item => (long)item.Measurements);
        _waiting.RemoveAll(item => item.Bucket == bucket);
        _refused.RemoveAll(item => item.Bucket == bucket);
        return gone;
    }

    /// <summary>Equal to itself alone.</summary>
    internal sealed class Item(BucketName bucket, string payload, int measurements)
    {
        public BucketName Bucket => bucket;

        public string Payload => payload;

        public int Measurements => measurements;
    }
}
