using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;

namespace IotBackend.Application.Measurements.Transfer;

/// <summary>
/// Writes measurements into a file, bucket after bucket. Disposed before it is complete, it leaves a file that can be continued. Whatever goes
/// wrong with the file ends in <see cref="ExportFileException"/>. Not safe for concurrent use.
/// </summary>
public interface IExportWriter : IAsyncDisposable
{
    ExportHeader Header { get; }

    /// <summary>Buckets that are in the file as a whole.</summary>
    IReadOnlyCollection<BucketName> Ended { get; }

    /// <summary>The bucket that was begun and not ended; null when there is none.</summary>
    BucketName? Begun { get; }

    /// <summary>The last measurement in <see cref="Begun"/>; null when it has none.</summary>
    MeasurementPosition? Last { get; }

    /// <summary>True when nothing can be added.</summary>
    bool IsComplete { get; }

    /// <summary>Bytes of the file so far.</summary>
    long Bytes { get; }

    /// <summary>What the file holds of all buckets.</summary>
    BucketTally Total { get; }

    ValueTask BeginBucketAsync(Bucket bucket, CancellationToken cancellationToken);

    /// <summary>Adds measurements to the bucket that was begun.</summary>
    ValueTask WriteAsync(IReadOnlyList<Measurement> measurements, CancellationToken cancellationToken);

    ValueTask EndBucketAsync(CancellationToken cancellationToken);

    /// <summary>Ends the file and makes it durable.</summary>
    ValueTask CompleteAsync(CancellationToken cancellationToken);
}
