using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;

namespace IotBackend.Application.Measurements.Transfer;

/// <summary>
/// Reads a file of exported measurements part by part and checks each; what is torn, damaged or of a newer format ends in
/// <see cref="ExportFileException"/>. Not safe for concurrent use.
/// </summary>
public interface IExportReader : IAsyncDisposable
{
    ExportHeader Header { get; }

    /// <summary>Bytes that have been read.</summary>
    long Offset { get; }

    /// <summary>Bytes of the file; null when it comes through a pipe.</summary>
    long? Length { get; }

    /// <summary>Goes on at an <see cref="Offset"/> of before, with what had been read of the bucket there.</summary>
    ValueTask SeekAsync(long offset, BucketName? bucket, BucketTally tally, CancellationToken cancellationToken);

    /// <summary>The next part; null after the last, when the file is whole.</summary>
    ValueTask<ExportPart?> ReadAsync(CancellationToken cancellationToken);
}

/// <summary>A part of a file of exported measurements.</summary>
public abstract record ExportPart;

/// <summary>From here on measurements are of this bucket.</summary>
public sealed record BucketBegins(Bucket Bucket) : ExportPart;

/// <summary>Some measurements.</summary>
/// <param name="Batch">Who reads it disposes it.</param>
/// <param name="Through">What the file holds of the bucket up to the end of this part.</param>
public sealed record SomeMeasurements(MeasurementBatch Batch, BucketTally Through) : ExportPart;

/// <summary>The bucket is whole.</summary>
public sealed record BucketEnds(BucketTally Tally) : ExportPart;
