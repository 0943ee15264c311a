using System.Threading.Channels;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using IotBackend.Infrastructure.Measurements.Lines;
using IotBackend.Infrastructure.Measurements.Spool;
using Microsoft.Extensions.Logging;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>
/// The way of one bucket's measurements to InfluxDB: one request at a time, which takes along all that has come meanwhile. When InfluxDB
/// fails they go to the spool, and so does everything after them until the spool has been emptied, so that the last value still wins.
/// Without a spool they are refused.
/// </summary>
internal sealed partial class BucketChannel
{
    // About what InfluxDB recommends for a request; all versions take it.
    private const int MaxGroupBytes = 4 << 20;

    private readonly Channel<PendingWrite> _waiting = Channel.CreateUnbounded<PendingWrite>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Turn _sending = new();
    private readonly BucketName _bucket;
    private readonly LineSender _sender;
    private readonly FieldTypes _types;
    private readonly SpoolQueue? _spool;
    private readonly OutageGate _gate;
    private readonly WaitingBytes _bytes;
    private readonly ILogger _logger;
    private readonly BucketDrain? _drain;
    private readonly Task _running;
    private volatile bool _isGone;

    public BucketChannel(
        BucketName bucket, FieldTypes types, LineSender sender, SpoolQueue? spool, OutageGate gate, WaitingBytes bytes, ILogger logger, Action<BucketName>? drained = null)
    {
        (_bucket, _types, _sender, _spool, _gate, _bytes, _logger) = (bucket, types, sender, spool, gate, bytes, logger);
        _drain = spool is null ? null : new BucketDrain(bucket, sender, spool, logger, drained);
        _running = Task.Run(RunAsync);
    }

    /// <summary>The types of the bucket's fields.</summary>
    public FieldTypes Types => _types;

    /// <summary>True while measurements of this bucket go to the spool without InfluxDB being asked.</summary>
    private bool MustSpool => _gate.IsShut || _spool?.WaitingIn(_bucket) > 0;

    /// <summary>As <see cref="IMeasurementStore.WriteAsync"/>.</summary>
    public async ValueTask<Result<WriteOutcome>> WriteAsync(MeasurementBatch batch, CancellationToken cancellationToken)
    {
        var (newFields, tookAllowance) = await ResolveAsync(batch, cancellationToken);
        if (batch.AcceptedCount == 0)
            return WriteOutcome.Stored;
        using var write = new PendingWrite(batch, newFields, tookAllowance);
        if (!_bytes.TryAdd(write.Lines.Length))
            return Refuse(write, Failures.Overloaded);
        try
        {
            return _waiting.Writer.TryWrite(write) ? await write.Completion : Refuse(write, _isGone ? Failures.NoBucket(_bucket) : Failures.ShuttingDown);
        }
        finally
        {
            _bytes.Remove(write.Lines.Length);
        }
    }

    /// <summary>Runs work while nothing of this bucket is on its way to InfluxDB.</summary>
    public Task<T> ExclusivelyAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken) => _sending.RunAsync(work, cancellationToken);

    /// <summary>Sends some of what waits in the spool, in the bucket's turn; false when InfluxDB or the spool's disk fails.</summary>
    public Task<bool> DrainAsync(CancellationToken cancellationToken) => ExclusivelyAsync(() => DrainNowAsync(cancellationToken), cancellationToken);

    /// <summary>The same for who has the turn already.</summary>
    public Task<bool> DrainNowAsync(CancellationToken cancellationToken) =>
        _drain?.SendSomeAsync(cancellationToken) ?? Task.FromResult(false);

    /// <summary>
    /// Runs work that makes an end of the bucket, in its turn. What waits, and what comes to this channel later, is told that there is no
    /// such bucket, unless the work fails.
    /// </summary>
    public Task<T> EndAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken) => ExclusivelyAsync(
        async () =>
        {
            var result = await work();
            _isGone = true;
            return result;
        },
        cancellationToken);

    /// <summary>Takes no more, and returns when what was taken has been answered.</summary>
    public Task CloseAsync()
    {
        _waiting.Writer.TryComplete();
        return _running;
    }

    private async ValueTask<(IReadOnlyList<NewField> NewFields, bool TookAllowance)> ResolveAsync(MeasurementBatch batch, CancellationToken cancellationToken)
    {
        BatchTypes.RejectTimes(batch);
        if (BatchTypes.IsKnown(batch, _types))
            return ([], false);
        var areAllKnown = !MustSpool && await TryLoadTypesAsync(cancellationToken);
        return (BatchTypes.AddNewFields(batch, _types, areNew: areAllKnown), areAllKnown);
    }

    // No longer than a write may take. If it fails, so would the write, and nobody else need wait to find out; what conflicts then is told
    // when it is sent from the spool.
    private async Task<bool> TryLoadTypesAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_gate.Patience);
        try
        {
            await _types.LoadAsync(patience.Token);
            return true;
        }
        catch (Exception exception) when (exception is InfluxDbException { Failure: InfluxDbFailure.Unavailable or InfluxDbFailure.Timeout }
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            _gate.Report(works: false);
            return false;
        }
        catch (InfluxDbException)
        {
            // The write finds out itself, and better: a bucket that is gone, rights that are missing.
            return false;
        }
    }

    private async Task RunAsync()
    {
        var group = new List<PendingWrite>();
        while (await _waiting.Reader.WaitToReadAsync())
        {
            TakeGroup(group);
            try
            {
                await SendAsync(group);
            }
#pragma warning disable CA1031 // The channel must go on and everyone must be answered, whatever went wrong.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.Failed(_logger, exception, _bucket.Value);
                group.ForEach(write => write.Answer(Refuse(write, Failures.Unavailable)));
            }

            group.Clear();
        }
    }

    private void TakeGroup(List<PendingWrite> group)
    {
        var bytes = 0L;
        while (_waiting.Reader.TryPeek(out var next) && (group.Count == 0 || bytes + next.Lines.Length <= MaxGroupBytes))
        {
            bytes += next.Lines.Length;
            _waiting.Reader.TryRead(out _);
            group.Add(next);
        }
    }

    private async Task SendAsync(List<PendingWrite> group)
    {
        using var joined = group.Count == 1 ? null : Join(group);
        var lines = joined?.Written ?? group[0].Lines;
        var outcome = _isGone ? SendOutcome.NoBucket : MustSpool ? null : await TrySendAsync(lines);
        if (outcome is null)
            await SpoolAsync(group, lines);
        else if (outcome.Kind == WriteAnswerKind.NoBucket)
            group.ForEach(write => write.Answer(Refuse(write, Failures.NoBucket(_bucket))));
        else
            Answer(group, outcome.Refusals);
    }

    // Null when the lines have to go to the spool.
    private async Task<SendOutcome?> TrySendAsync(ReadOnlyMemory<byte> lines)
    {
        // Asked again in turn: what held the turn may have put measurements into the spool that come before these.
        var outcome = await ExclusivelyAsync(
            async () => _isGone ? SendOutcome.NoBucket : MustSpool ? null : await _sender.SendAsync(lines, CancellationToken.None), CancellationToken.None);
        if (outcome?.Kind is WriteAnswerKind.Unavailable)
            Log.Spooling(_logger, _bucket.Value, outcome.Reason);
        return outcome?.Kind is WriteAnswerKind.Stored or WriteAnswerKind.NoBucket ? outcome : null;
    }

    private void Answer(List<PendingWrite> group, IReadOnlyList<LineRefusal> refusals)
    {
        if (refusals.Count > 0)
            Log.Refused(_logger, refusals.Count, _bucket.Value, refusals[0].Reason);
        var (first, next) = (0, 0);
        foreach (var write in group)
        {
            var end = first + write.LineCount;
            var own = new List<LineRefusal>();
            for (; next < refusals.Count && refusals[next].Index < end; next++)
                own.Add(refusals[next] with { Index = refusals[next].Index - first });
            if (own.Count > 0)
                write.Reject(own);
            if (own.Count == write.LineCount)
                TakeBackTypes(write);
            write.Answer(WriteOutcome.Stored);
            first = end;
        }
    }

    private async Task SpoolAsync(List<PendingWrite> group, ReadOnlyMemory<byte> lines)
    {
        if (_spool is null)
        {
            group.ForEach(write => write.Answer(Refuse(write, Failures.Unavailable)));
            return;
        }

        var appended = await _spool.AppendAsync(_bucket, group.Sum(write => write.LineCount), lines);
        foreach (var write in group)
        {
            // What does not fit together may fit singly.
            var own = appended == SpoolAppend.Full && group.Count > 1 ? await _spool.AppendAsync(_bucket, write.LineCount, write.Lines) : appended;
            write.Answer(own switch
            {
                SpoolAppend.Stored => WriteOutcome.Queued,
                SpoolAppend.Full => Refuse(write, Failures.SpoolFull),
                _ => Refuse(write, Failures.Unavailable),
            });
        }
    }

    private Result<WriteOutcome> Refuse(PendingWrite write, Error error)
    {
        TakeBackTypes(write);
        return error;
    }

    // Nothing of it was stored, and so no field has got its type by it.
    private void TakeBackTypes(PendingWrite write)
    {
        foreach (var (measurement, field) in write.NewFields)
            _types.Remove(measurement, field);
        write.GiveBack();
    }

    private static LineBuffer Join(List<PendingWrite> group)
    {
        var joined = new LineBuffer(group.Sum(write => write.Lines.Length));
        foreach (var write in group)
            joined.Append(write.Lines.Span);
        return joined;
    }

    private static partial class Log
    {
        [LoggerMessage(10, LogLevel.Error, "Writing to the bucket {Bucket} failed")]
        public static partial void Failed(ILogger logger, Exception exception, string bucket);

        [LoggerMessage(12, LogLevel.Warning, "InfluxDB refused {Measurements} measurements of the bucket {Bucket}: {Reason}")]
        public static partial void Refused(ILogger logger, int measurements, string bucket, string reason);

        [LoggerMessage(11, LogLevel.Warning, "Measurements of the bucket {Bucket} go to the spool: {Reason}")]
        public static partial void Spooling(ILogger logger, string bucket, string reason);
    }
}
