using System.Globalization;
using IotBackend.Application.Measurements.Transfer;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;

namespace IotBackend.Infrastructure.Measurements.Exports;

/// <summary>What there is of a file that is to be continued, by the notes of its whole blocks.</summary>
internal sealed class ExportScan
{
    private readonly List<BucketName> _ended = [];

    public ExportHeader? Header { get; private set; }

    public IReadOnlyList<BucketName> Ended => _ended;

    public BucketName? Begun { get; private set; }

    public MeasurementPosition? Last { get; private set; }

    /// <summary>Of the bucket that was begun.</summary>
    public BucketTally Tally { get; private set; }

    /// <summary>Of all buckets that were ended.</summary>
    public BucketTally EndedTotal { get; private set; }

    public bool IsComplete { get; private set; }

    /// <summary>Bytes of the whole blocks.</summary>
    public long End { get; private set; }

    /// <summary>Walks through the file as far as it is whole.</summary>
    /// <exception cref="ExportFileException">It is no export, damaged before its end, or of a newer format.</exception>
    public static async ValueTask<ExportScan> ReadAsync(Stream input, string path, CancellationToken cancellationToken)
    {
        var scan = new ExportScan();
        try
        {
            while (await GzipBlock.ReadAsync(input, cancellationToken) is { } packed)
            {
                scan.Take(ExportNote.Read(GzipBlock.Unpack(packed), out _), path);
                scan.End = input.Position;
            }
        }
        catch (EndOfStreamException)
        {
            // A torn end: what is before it is whole.
        }
        catch (Exception exception) when (IsDamage(exception))
        {
            throw scan.Header is null ? ExportFailures.NoExport(path) : ExportFailures.Damaged(path, scan.End, exception.Message);
        }
        catch (IOException exception)
        {
            throw ExportFailures.OfReading(path, exception);
        }

        return scan;
    }

    // A note whose block is whole may still say what no program wrote.
    private static bool IsDamage(Exception exception) => exception is InvalidDataException or FormatException or ArgumentException;

    private void Take(ExportNote note, string path)
    {
        switch (note)
        {
            case HeaderNote { Version: > ExportHeaders.Version } newer:
                throw ExportFailures.Newer(path, newer.Version);
            case HeaderNote header:
                Header = ExportHeaders.ToHeader(header);
                break;
            case BucketNote bucket:
                (Begun, Last, Tally) = (ExportHeaders.NameOf(bucket.Name), null, default);
                break;
            case MeasurementsNote some:
                Last = new MeasurementPosition(new Timestamp(some.LastTime), MeasurementKey.FromUtf8(Convert.FromBase64String(some.LastKey)));
                Tally = new BucketTally(some.Measurements, some.Values, ChecksumOf(some.Checksum));
                break;
            case BucketEndNote end:
                _ended.Add(ExportHeaders.NameOf(end.Name));
                EndedTotal = new BucketTally(EndedTotal.Measurements + end.Measurements, EndedTotal.Values + end.Values, 0);
                (Begun, Last, Tally) = (null, null, default);
                break;
            default:
                IsComplete = true;
                break;
        }
    }

    /// <exception cref="InvalidDataException">It is none.</exception>
    public static ulong ChecksumOf(string text) => ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var checksum)
        ? checksum
        : throw new InvalidDataException($"'{text}' is no checksum.");
}
