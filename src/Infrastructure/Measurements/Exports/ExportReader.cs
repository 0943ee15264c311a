using System.IO.Hashing;
using IotBackend.Application.Measurements.Transfer;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Infrastructure.Measurements.Lines;

namespace IotBackend.Infrastructure.Measurements.Exports;

/// <summary>Reads what <see cref="ExportWriter"/> wrote, block by block, and holds each to its note and to those before it.</summary>
internal sealed class ExportReader : IExportReader
{
    private readonly Stream _input;
    private readonly string _path;
    private readonly TimeProvider _time;
    private BucketName? _bucket;
    private BucketTally _tally;

    private ExportReader(Stream input, string path, TimeProvider time, ExportHeader header, long offset) =>
        (_input, _path, _time, Header, Offset) = (input, path, time, header, offset);

    public ExportHeader Header { get; }

    public long Offset { get; private set; }

    public long? Length => _input.CanSeek ? _input.Length : null;

    /// <summary>Reads the header; the stream is the reader's from then on.</summary>
    public static async ValueTask<ExportReader> OpenAsync(Stream input, string path, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            if (await GzipBlock.ReadAsync(input, cancellationToken) is not { } packed)
                throw ExportFailures.NotComplete(path, 0);
            return ExportNote.Read(GzipBlock.Unpack(packed), out _) switch
            {
                HeaderNote { Version: > ExportHeaders.Version } newer => throw ExportFailures.Newer(path, newer.Version),
                HeaderNote header => new ExportReader(input, path, time, ExportHeaders.ToHeader(header), GzipBlock.LengthWithHeader(packed)),
                _ => throw ExportFailures.NoExport(path),
            };
        }
        catch (EndOfStreamException)
        {
            throw ExportFailures.Torn(path, 0);
        }
        catch (InvalidDataException)
        {
            throw ExportFailures.NoExport(path);
        }
        catch (IOException exception)
        {
            throw ExportFailures.OfReading(path, exception);
        }
    }

    public ValueTask SeekAsync(long offset, BucketName? bucket, BucketTally tally, CancellationToken cancellationToken)
    {
        if (offset > _input.Length)
            throw new ExportFileException($"{_path} is shorter than when it was imported before. Without --resume the import begins anew.");
        if (offset > Offset)
        {
            _input.Position = offset;
            (Offset, _bucket, _tally) = (offset, bucket, tally);
        }

        return ValueTask.CompletedTask;
    }

    public async ValueTask<ExportPart?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await GzipBlock.ReadAsync(_input, cancellationToken) is not { } packed)
                throw ExportFailures.NotComplete(_path, Offset);
            var content = GzipBlock.Unpack(packed);
            var part = Read(ExportNote.Read(content, out var end), content.AsSpan(end));
            Offset += GzipBlock.LengthWithHeader(packed);
            return part;
        }
        catch (EndOfStreamException)
        {
            throw ExportFailures.Torn(_path, Offset);
        }
        catch (InvalidDataException exception)
        {
            throw ExportFailures.Damaged(_path, Offset, exception.Message);
        }
        catch (IOException exception)
        {
            throw ExportFailures.OfReading(_path, exception);
        }
    }

    public ValueTask DisposeAsync() => _input.DisposeAsync();

    private ExportPart? Read(ExportNote note, ReadOnlySpan<byte> lines)
    {
        switch (note)
        {
            case BucketNote bucket when _bucket is null:
                (_bucket, _tally) = (ExportHeaders.NameOf(bucket.Name), default);
                return new BucketBegins(ExportHeaders.ToBucket(bucket));
            case MeasurementsNote some when _bucket is not null:
                return Read(some, lines);
            case BucketEndNote end when _bucket?.Value == end.Name:
                Expect(end.Measurements, end.Values, end.Checksum);
                _bucket = null;
                return new BucketEnds(_tally);
            case EndNote when _bucket is null:
                return null;
            default:
                throw new InvalidDataException("A block stands where it does not belong; some are missing.");
        }
    }

    private SomeMeasurements Read(MeasurementsNote note, ReadOnlySpan<byte> lines)
    {
        var batch = new MeasurementBatch(Timestamp.From(_time.GetUtcNow()));
        try
        {
            var values = new LineReader(new MeasurementBatchWriter(batch)).ReadAll(lines);
            _tally = new BucketTally(_tally.Measurements + batch.ItemCount, _tally.Values + values, XxHash64.HashToUInt64(lines, (long)_tally.Checksum));
            Expect(note.Measurements, note.Values, note.Checksum);
            return new SomeMeasurements(batch, _tally);
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }

    private void Expect(long measurements, long values, string checksum)
    {
        if (_tally.Checksum != ExportScan.ChecksumOf(checksum))
            throw new InvalidDataException($"The checksum of the bucket '{_bucket}' is {ExportWriter.TextOf(_tally.Checksum)} there; it should be {checksum}.");
        if (_tally.Measurements != measurements || _tally.Values != values)
            throw new InvalidDataException($"The bucket '{_bucket}' has {_tally.Measurements} measurements and {_tally.Values} values there; it should have {measurements} and {values}.");
    }
}
