using IotBackend.Domain.Measurements;
using Microsoft.Extensions.Logging;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>
/// Moves points from the memtable into chunks, a few series a transaction, so that nobody waits long for anything. Only when all are
/// on disk are the inbox rows given free: whatever happens in between, replaying them leads to the same chunks.
/// </summary>
internal sealed partial class Flusher(ChunkFile chunks, Memtable memtable, ILogger<EmbeddedStore> logger)
{
    private const int PointsPerTransaction = 20_000;
    private const int SeriesPerTransaction = 256;

    private readonly PointColumns _old = new();
    private readonly PointColumns _merged = new();
    private readonly Lock _running = new();

    /// <summary>True while the last flush failed and its points wait in memory.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Called after each transaction; tests look at the files there as a crash would leave them.</summary>
    internal Action? TransactionWritten { get; set; }

    /// <summary>Flushes what there is now and returns the inbox row up to which all is in chunks; null when it failed, with nothing lost.</summary>
    public long? Flush()
    {
        lock (_running)
        {
            var series = memtable.Freeze();
            var frozen = memtable.FrozenSequence;
            var written = 0;
            try
            {
                while (written < series.Count)
                    written += WriteSome(series, written);
                if (written > 0)
                    Tidy();
                HasFailed = false;
                return frozen;
            }
#pragma warning disable CA1031 // On a thread of its own nobody else would catch it, and the process would end; all is in the inbox still.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                memtable.Thaw(series.Skip(written));
                HasFailed = true;
                Log.Failed(logger, exception, series.Count - written);
                return null;
            }
        }
    }

    // Only a part of the room is given back: the sweeper goes on with a large rest, and nobody waits for it.
    private void Tidy()
    {
        chunks.ShrinkSome();
        chunks.CutLog();
    }

    private int WriteSome(IReadOnlyList<Series> series, int start)
    {
        var end = start;
        for (var points = 0; end < series.Count && end - start < SeriesPerTransaction && points < PointsPerTransaction; end++)
            points += series[end].Frozen?.Count ?? 0;
        var some = series.Skip(start).Take(end - start).ToArray();
        chunks.Write(() => Array.ForEach(some, Merge));
        memtable.Release(some);
        TransactionWritten?.Invoke();
        return some.Length;
    }

    private void Merge(Series series)
    {
        if (series.Origin.Bucket.IsDeleted)
            return;
        var deleted = memtable.DeletedByFlush(series);
        if (series.Frozen is not { Count: > 0 } frozen)
        {
            foreach (var range in deleted)
                Rewrite(series, null, deleted, range.From.Nanoseconds, range.To.Nanoseconds - 1);
            return;
        }

        var last = ReadOld(series, long.MaxValue);
        if (deleted.Length == 0 && (last is null || frozen.Times[0] > last.Value.T1))
        {
            Append(series, frozen, last);
            return;
        }

        var from = Math.Min(frozen.Times[0], deleted.Length == 0 ? long.MaxValue : deleted.Min(range => range.From.Nanoseconds));
        var to = Math.Max(frozen.Times[^1], deleted.Length == 0 ? long.MinValue : deleted.Max(range => range.To.Nanoseconds - 1));
        Rewrite(series, frozen, deleted, from, to);
    }

    // The common case: everything is newer than what is there. An under-filled last chunk, which _old holds now, is filled up.
    private void Append(Series series, SeriesBuffer frozen, ChunkBounds? last)
    {
        const int full = ChunkCodec.MaxPoints * 7 / 8;
        _merged.Clear();
        if (last is not null && _old.Count < full)
            Copy(_old, 0, _old.Count);
        Copy(frozen, 0, frozen.Count);
        chunks.Insert(series, _merged, isEnd: true);
    }

    // Late points and deletions: only the chunks that they fall into are read and written again.
    private void Rewrite(Series series, SeriesBuffer? frozen, TimeRange[] deleted, long from, long to)
    {
        var before = ReadOld(series, from == long.MaxValue ? from : from + 1);
        var touched = chunks.Session.Starts(series, before?.T0 ?? from, to);
        if (touched.Count == 0 && frozen is not null)
        {
            // All lies before the first chunk.
            _merged.Clear();
            Copy(frozen, 0, frozen.Count);
            chunks.Insert(series, _merged, isEnd: false);
            return;
        }

        var taken = 0;
        for (var i = 0; i < touched.Count; i++)
        {
            var end = frozen is null ? 0 : i + 1 < touched.Count ? frozen.LowerBound(touched[i + 1].T0) : frozen.Count;
            var bounds = touched[i];
            if (end > taken || deleted.Any(range => range.From.Nanoseconds <= bounds.T1 && range.To.Nanoseconds > bounds.T0))
                RewriteOne(series, bounds, frozen, taken, end, deleted);
            taken = end;
        }
    }

    private void RewriteOne(Series series, ChunkBounds bounds, SeriesBuffer? frozen, int start, int end, TimeRange[] deleted)
    {
        if (ReadOld(series, bounds.T0 + 1)?.T0 != bounds.T0)
            _old.Clear();
        _merged.Clear();
        var old = 0;
        for (var i = start; i < end; i++)
        {
            var time = frozen!.Times[i];
            for (; old < _old.Count && _old.Times[old] < time; old++)
                CopyKept(old, deleted);
            if (old < _old.Count && _old.Times[old] == time)
                old++;
            Copy(frozen, i, 1);
        }

        for (; old < _old.Count; old++)
            CopyKept(old, deleted);
        chunks.Delete(series, bounds.T0);
        chunks.Insert(series, _merged, isEnd: false);
    }

    // A damaged chunk must not keep all others from being written.
    private ChunkBounds? ReadOld(Series series, long before)
    {
        while (true)
        {
            try
            {
                return chunks.Session.ReadBefore(series, before, _old);
            }
            catch (InvalidDataException exception)
            {
                Log.SetAside(logger, exception, series.Id);
                chunks.SetAsideBefore(series, before);
            }
        }
    }

    private void CopyKept(int index, TimeRange[] deleted)
    {
        foreach (var range in deleted)
        {
            if (range.Contains(new Timestamp(_old.Times[index])))
                return;
        }

        Copy(_old, index, 1);
    }

    private void Copy(PointColumns from, int start, int count)
    {
        for (var i = start; i < start + count; i++)
            _merged.Add(from.Times[i], from.Bits[i], from.Texts.Length > i ? from.Texts[i] : null);
    }

    private void Copy(SeriesBuffer from, int start, int count)
    {
        var times = from.Times;
        var bits = from.Bits;
        var texts = from.Texts;
        for (var i = start; i < start + count; i++)
            _merged.Add(times[i], bits[i], texts.IsEmpty ? null : texts[i]);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Flushing failed; the points of {Series} series stay in memory and in the inbox, and it is tried again")]
        public static partial void Failed(ILogger logger, Exception exception, int series);

        [LoggerMessage(6, LogLevel.Error, "A chunk of the series {Series} is damaged and was set aside in the table 'damaged'; its points are missing")]
        public static partial void SetAside(ILogger logger, Exception exception, int series);
    }
}
