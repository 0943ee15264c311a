using System.Globalization;
using System.IO.Hashing;
using IotBackend.Application.Measurements.Transfer;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Infrastructure.Measurements.Lines;

namespace IotBackend.Infrastructure.Measurements.Exports;

/// <summary>
/// Gathers lines into blocks and writes each as a whole. One block is packed and written while the next is gathered. When a block can not be
/// written, what was written of it is cut off again.
/// </summary>
internal sealed class ExportWriter : IExportWriter
{
    private const int BlockBytes = 1 << 20;

    private readonly Stream _output;
    private readonly string _path;
    private readonly HashSet<BucketName> _ended;
    private readonly MemoryStream _packed = new();
    private LineBuffer _lines = new(BlockBytes);
    private LineBuffer _other = new(BlockBytes);
    private Task _writing = Task.CompletedTask;
    private MeasurementKey? _key;
    private byte[] _keyText = [];
    private BucketTally _tally;
    private BucketTally _endedTotal;
    private bool _hasFailed;

    /// <param name="output">Where to write; at the end of what there is of the file.</param>
    /// <param name="path">For messages.</param>
    /// <param name="header">What the file is of.</param>
    /// <param name="progress">What there is of the file.</param>
    public ExportWriter(Stream output, string path, ExportHeader header, ExportScan progress)
    {
        (_output, _path, Header) = (output, path, header);
        (Begun, Last, IsComplete, Bytes) = (progress.Begun, progress.Last, progress.IsComplete, progress.End);
        (_ended, _tally, _endedTotal) = ([.. progress.Ended], progress.Tally, progress.EndedTotal);
    }

    public ExportHeader Header { get; }

    public IReadOnlyCollection<BucketName> Ended => _ended;

    public BucketName? Begun { get; private set; }

    public MeasurementPosition? Last { get; private set; }

    public bool IsComplete { get; private set; }

    public long Bytes { get; private set; }

    public BucketTally Total => new(_endedTotal.Measurements + _tally.Measurements, _endedTotal.Values + _tally.Values, 0);

    /// <summary>Writes the header of a new file.</summary>
    public ValueTask BeginAsync() => WriteAsync(ExportHeaders.ToNote(Header));

    public async ValueTask BeginBucketAsync(Bucket bucket, CancellationToken cancellationToken)
    {
        await WriteAsync(ExportHeaders.ToNote(bucket));
        (Begun, Last, _tally) = (bucket.Name, null, default);
    }

    public async ValueTask WriteAsync(IReadOnlyList<Measurement> measurements, CancellationToken cancellationToken)
    {
        foreach (var measurement in measurements)
        {
            if (!ReferenceEquals(_key, measurement.Key))
                Take(measurement.Key);
            _lines.Append(_keyText);
            LineProtocol.WriteFields(measurement, _lines);
            _tally = _tally with { Measurements = _tally.Measurements + 1, Values = _tally.Values + measurement.Fields.Count };
            if (_lines.Length < BlockBytes)
                continue;
            Last = new MeasurementPosition(measurement.Timestamp, measurement.Key);
            await EndBlockAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }

        if (measurements is [.., var last])
            Last = new MeasurementPosition(last.Timestamp, last.Key);
    }

    public async ValueTask EndBucketAsync(CancellationToken cancellationToken)
    {
        await EndBlockAsync();
        await WriteAsync(new BucketEndNote(Begun!.Value, _tally.Measurements, _tally.Values, TextOf(_tally.Checksum)));
        _ended.Add(Begun);
        (_endedTotal, _tally, Begun, Last) = (Total, default, null, null);
    }

    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        await WriteAsync(new EndNote(_ended.Count, Total.Measurements, Total.Values));
        await SettleAsync();
        IsComplete = true;
    }

    /// <summary>Whatever has been gathered is written, so that the file can be continued right behind it.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (!_hasFailed)
                await EndBlockAsync();
            await SettleAsync();
        }
        finally
        {
            await _output.DisposeAsync();
            _lines.Dispose();
            _other.Dispose();
        }
    }

    public static string TextOf(ulong checksum) => checksum.ToString("x16", CultureInfo.InvariantCulture);

    private void Take(MeasurementKey key)
    {
        if (_key != key)
        {
            using var text = new LineBuffer();
            LineProtocol.WriteKey(key, text);
            _keyText = text.Written.ToArray();
        }

        _key = key;
    }

    private async ValueTask EndBlockAsync()
    {
        if (_lines.Length == 0)
            return;
        var lines = _lines;
        _tally = _tally with { Checksum = XxHash64.HashToUInt64(lines.Written.Span, (long)_tally.Checksum) };
        var note = new MeasurementsNote(
            _tally.Measurements, _tally.Values, TextOf(_tally.Checksum), Convert.ToBase64String(Last!.Key.Utf8.Span), Last.Timestamp.Nanoseconds);
        await WaitAsync();
        _writing = Task.Run(() => WriteBlockAsync(note, lines));
        (_lines, _other) = (_other, lines);
    }

    private async ValueTask WriteAsync(ExportNote note)
    {
        await WaitAsync();
        using var none = new LineBuffer();
        await WriteBlockAsync(note, none);
    }

    private async Task WriteBlockAsync(ExportNote note, LineBuffer lines)
    {
        GzipBlock.Write(_packed, note.ToLine(), lines.Written.Span);
        lines.Clear();
        try
        {
            await _output.WriteAsync(_packed.GetBuffer().AsMemory(0, (int)_packed.Length));
            await _output.FlushAsync();
            Bytes += _packed.Length;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _hasFailed = true;
            CutOff();
            throw ExportFailures.OfWriting(_path, exception);
        }
    }

    // So that the file is whole blocks, also for whoever continues it by other means; a torn end would be found all the same.
    private void CutOff()
    {
        try
        {
            if (_output.CanSeek)
                _output.SetLength(Bytes);
        }
        catch (IOException)
        {
            // Then it is torn, and cut when it is continued.
        }
    }

    private async ValueTask WaitAsync()
    {
        var writing = _writing;
        _writing = Task.CompletedTask;
        await writing;
    }

    private async ValueTask SettleAsync()
    {
        await WaitAsync();
        if (_output is not FileStream file || _hasFailed)
            return;
        try
        {
            // Only this one reaches the disk, and it has no asynchronous form.
            await Task.Run(() => file.Flush(flushToDisk: true));
        }
        catch (IOException exception)
        {
            _hasFailed = true;
            throw ExportFailures.OfWriting(_path, exception);
        }
    }
}
