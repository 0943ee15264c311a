using System.Collections.Concurrent;
using System.Text;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;

namespace IotBackend.Application.Caching;

/// <summary>
/// Tells whether something that an answer depends on has changed since its making began, at a cost that does not grow with the number of answers.
/// Readers leave word of what they read, and get a number, the answer's generation; writers give the next number to what they changed, if anybody reads it.
/// An answer is good while its generation is not below the one that its query would get now. docs/caching.md tells why that is enough.
/// </summary>
/// <param name="maxInterests">The most devices and buckets that are watched. Beyond, those not read of late are forgotten, and their answers with them.</param>
public sealed class AnswerGenerations(int maxInterests = AnswerGenerations.DefaultMaxInterests)
{
    private const int DefaultMaxInterests = 20_000;
    private const int UsualDeviceBytes = 64;
    private const int RoundsWithinAll = 4;

    private readonly ConcurrentDictionary<BucketName, BucketInterest> _buckets = new();
    private readonly Lock _changing = new();
    private long _last;
    private long _everything;
    private int _interests;
    private int _added;
    private int _round;

    /// <summary>How many devices and buckets are watched.</summary>
    public int Count => Volatile.Read(ref _interests);

    /// <summary>Takes an interest and returns the generation of what is read from now on: nothing may be read before this returns.</summary>
    /// <param name="declaration">What is read.</param>
    /// <param name="isClosed">True when only what is written late can change it.</param>
    public long Watch(in AnswerDeclaration declaration, bool isClosed)
    {
        var isNew = false;
        var bucket = _buckets.TryGetValue(declaration.Bucket, out var found) ? found : AddBucket(declaration.Bucket, ref isNew);
        var slices = isClosed ? DaySlices.Of(declaration.Range) : 0;
        var generation = Math.Max(Volatile.Read(ref _everything), bucket.Everything);
        if (declaration.Devices.Count == 0)
            generation = Math.Max(generation, NumberOf(bucket.Whole ?? AddWhole(bucket, ref isNew), isClosed, slices, ref isNew));
        for (var i = 0; i < declaration.Devices.Count; i++)
            generation = Math.Max(generation, NumberOf(FindDevice(bucket, declaration.Devices[i], ref isNew), isClosed, slices, ref isNew));

        // A writer either finds the interest, or has made its rows visible before it looked, and then this reader sees them.
        if (isNew)
            Interlocked.MemoryBarrier();
        return generation;
    }

    /// <summary>Call it when the rows can be read, before they are acknowledged.</summary>
    /// <param name="bucket">Where they were stored.</param>
    /// <param name="batch">Rejected rows do not count.</param>
    /// <param name="lateBefore">Rows before this time can change closed ranges. Taken after the rows could be read.</param>
    public void Stored(BucketName bucket, MeasurementBatch batch, Timestamp lateBefore)
    {
        Interlocked.MemoryBarrier();
        if (!_buckets.TryGetValue(bucket, out var interest))
            return;
        if (interest.Whole is { } whole)
            Change(whole, LateSlices(batch, lateBefore));
        if (!interest.Devices.IsEmpty)
            ChangeDevices(interest, batch, lateBefore);
    }

    /// <summary>The slices of the rows before this time.</summary>
    internal static ulong LateSlices(MeasurementBatch batch, Timestamp lateBefore)
    {
        var slices = 0UL;
        foreach (ref readonly var row in batch.Rows)
        {
            if (!row.IsRejected && row.Timestamp < lateBefore)
                slices |= DaySlices.Of(row.Timestamp);
        }

        return slices;
    }

    /// <summary>Something of these devices has changed, at times of these slices or recently.</summary>
    /// <param name="bucket">Null: in every bucket.</param>
    /// <param name="devices">Their names; empty: all.</param>
    /// <param name="slices">See <see cref="DaySlices"/>.</param>
    public void Changed(BucketName? bucket, IReadOnlyCollection<string> devices, ulong slices)
    {
        Interlocked.MemoryBarrier();
        if (bucket is not null)
        {
            if (_buckets.TryGetValue(bucket, out var one))
                Changed(one, devices, slices);
            return;
        }

        if (devices.Count == 0)
            ChangeEverything();
        foreach (var (_, each) in _buckets)
            Changed(each, devices, slices);
    }

    /// <summary>Anything may have changed.</summary>
    public void ChangeEverything()
    {
        lock (_changing)
            Volatile.Write(ref _everything, ++_last);
    }

    private void Changed(BucketInterest bucket, IReadOnlyCollection<string> devices, ulong slices)
    {
        if (devices.Count == 0)
        {
            lock (_changing)
                bucket.Everything = ++_last;
            return;
        }

        if (bucket.Whole is { } whole)
            Change(whole, slices);
        foreach (var device in devices)
        {
            if (bucket.TryGetDevice(Encoding.UTF8.GetBytes(device), out var interest))
                Change(interest, slices);
        }
    }

    // Rows of a device often follow each other, and then are one change.
    private void ChangeDevices(BucketInterest bucket, MeasurementBatch batch, Timestamp lateBefore)
    {
        Interest? changed = null;
        var slices = 0UL;
        ReadOnlySpan<byte> last = default;
        foreach (ref readonly var row in batch.Rows)
        {
            if (row.IsRejected)
                continue;
            var device = batch.Device(row);
            if (!device.SequenceEqual(last))
            {
                if (changed is not null)
                    Change(changed, slices);
                last = device;
                slices = 0;
                bucket.TryGetDevice(device, out changed);
            }

            if (row.Timestamp < lateBefore)
                slices |= DaySlices.Of(row.Timestamp);
        }

        if (changed is not null)
            Change(changed, slices);
    }

    private void Change(Interest interest, ulong slices)
    {
        // In one step with taking the number: whoever sees a number sees every smaller one in its place.
        lock (_changing)
            interest.Change(++_last, slices);
    }

    private long NumberOf(Interest interest, bool isClosed, ulong slices, ref bool isNew)
    {
        interest.Use(Volatile.Read(ref _round));
        if (!isClosed)
            return interest.Recent;
        if (!interest.HasPast)
            ReadyPast(interest, ref isNew);
        return interest.PastOf(slices);
    }

    private void ReadyPast(Interest interest, ref bool isNew)
    {
        isNew = true;
        lock (_changing)
        {
            if (!interest.HasPast)
                interest.ReadyPast(++_last);
        }
    }

    private Interest FindDevice(BucketInterest bucket, string device, ref bool isNew)
    {
        // No larger than most need: it is cleared each time.
        Span<byte> buffer = stackalloc byte[UsualDeviceBytes];
        var utf8 = Encoding.UTF8.TryGetBytes(device, buffer, out var length) ? buffer[..length] : Encoding.UTF8.GetBytes(device);
        return bucket.TryGetDevice(utf8, out var interest) ? interest : AddDevice(bucket, utf8.ToArray(), ref isNew);
    }

    // What is made anew starts with a new number, larger than all before, in one step with becoming visible: what was cached before is never found again.
    private BucketInterest AddBucket(BucketName name, ref bool isNew)
    {
        isNew = true;
        lock (_changing)
        {
            MakeRoom();
            if (_buckets.TryGetValue(name, out var found))
                return found;
            _interests++;
            return _buckets[name] = new BucketInterest(++_last);
        }
    }

    private Interest AddWhole(BucketInterest bucket, ref bool isNew)
    {
        isNew = true;
        lock (_changing)
            return bucket.Whole ??= new Interest(++_last, _round);
    }

    private Interest AddDevice(BucketInterest bucket, byte[] device, ref bool isNew)
    {
        isNew = true;
        lock (_changing)
        {
            MakeRoom();
            if (bucket.Devices.TryGetValue(device, out var found))
                return found;
            _interests++;
            return bucket.Devices[device] = new Interest(++_last, _round);
        }
    }

    // Rounds instead of a list in order of use, which every reader would have to lock: what was read in this round or the one before stays.
    private void MakeRoom()
    {
        if (++_added % Math.Max(1, maxInterests / RoundsWithinAll) == 0)
            _round++;
        if (_interests < maxInterests)
            return;
        foreach (var bucket in _buckets)
            ForgetUnused(bucket.Key, bucket.Value);
        if (_interests <= maxInterests * 3 / 4)
            return;

        // All of them are read all the time.
        _buckets.Clear();
        _interests = 0;
    }

    private void ForgetUnused(BucketName name, BucketInterest bucket)
    {
        foreach (var device in bucket.Devices)
        {
            if (!IsUsed(device.Value) && bucket.Devices.TryRemove(device))
                _interests--;
        }

        if (bucket.Devices.IsEmpty && !(bucket.Whole is { } whole && IsUsed(whole)) && _buckets.TryRemove(name, out _))
            _interests--;
    }

    private bool IsUsed(Interest interest) => interest.Round >= _round - 1;
}
