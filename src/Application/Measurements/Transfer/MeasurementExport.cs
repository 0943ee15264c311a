using System.Text;
using IotBackend.Application.Buckets;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Application.Measurements.Transfer;

/// <summary>What to export.</summary>
/// <param name="Path">The file; <c>-</c> for the standard output.</param>
/// <param name="Buckets">The buckets; empty for all.</param>
/// <param name="Range">Half-open range of time.</param>
/// <param name="IsContinued">Whether to go on with a file that was begun, of which its own header tells what it is of.</param>
/// <param name="Patience">How long the store may go on failing.</param>
public sealed record ExportOrder(string Path, IReadOnlyList<BucketName> Buckets, TimeRange Range, bool IsContinued, TimeSpan Patience);

/// <param name="Buckets">Buckets in the file.</param>
/// <param name="Total">What the file holds of all of them; the checksum is 0.</param>
/// <param name="Bytes">Size of the file.</param>
public sealed record ExportSummary(int Buckets, BucketTally Total, long Bytes);

/// <summary>Writes all that a store holds into a file, device after device, in memory that does not grow with it.</summary>
public sealed class MeasurementExport(IMeasurementSource source, IBucketStore buckets, IExportFiles files, TimeProvider time)
{
    /// <summary>Fails with what the store fails with when that does not pass.</summary>
    /// <exception cref="ExportFileException">The file can not be written.</exception>
    public async Task<Result<ExportSummary>> RunAsync(ExportOrder order, TransferProgress progress, CancellationToken cancellationToken)
    {
        var persistence = new Persistence(time, order.Patience, progress);

        // Also brings up to date what is known of the buckets.
        var known = await persistence.TryAsync(() => buckets.ListAsync(cancellationToken), cancellationToken);
        if (known.Error is { } error)
            return error;
        if (order.Buckets.FirstOrDefault(name => known.Value.All(bucket => bucket.Name != name)) is { } missing)
            return NotFound(missing);
        await using var writer = await OpenAsync(order, known.Value, cancellationToken);
        var run = new Run(source, writer, persistence, progress, await CountAsync(writer, cancellationToken));
        foreach (var name in writer.IsComplete ? [] : writer.Header.Buckets.Where(name => !writer.Ended.Contains(name)))
        {
            if (known.Value.FirstOrDefault(bucket => bucket.Name == name) is not { } bucket)
                return NotFound(name);
            var range = writer.Header.Range.NotBefore(bucket.Retention.OldestAt(Timestamp.From(time.GetUtcNow())));
            if (await run.ExportAsync(bucket, range, cancellationToken) is { } failure)
                return failure;
        }

        if (!writer.IsComplete)
            await writer.CompleteAsync(cancellationToken);
        return new ExportSummary(writer.Header.Buckets.Count, writer.Total, writer.Bytes);
    }

    private static Error NotFound(BucketName name) => new(ErrorKind.NotFound, ErrorCodes.BucketNotFound, $"There is no bucket '{name}'.");

    private async ValueTask<IExportWriter> OpenAsync(ExportOrder order, IReadOnlyList<Bucket> known, CancellationToken cancellationToken)
    {
        if (order.IsContinued && await files.ContinueAsync(order.Path, cancellationToken) is { } continued)
            return continued;
        var names = order.Buckets.Count > 0 ? order.Buckets.Distinct() : known.Select(bucket => bucket.Name);
        var header = new ExportHeader(Guid.NewGuid().ToString("N"), time.GetUtcNow(), [.. names], order.Range);
        return await files.CreateAsync(order.Path, header, cancellationToken);
    }

    // What it will be about, for the progress alone; null when the store does not know.
    private async ValueTask<long?> CountAsync(IExportWriter writer, CancellationToken cancellationToken)
    {
        if (writer.IsComplete || writer.Header.Range != ExportHeader.AllTimes)
            return null;
        var total = 0L;
        foreach (var name in writer.Header.Buckets)
        {
            var usage = await buckets.MeasureAsync(name, cancellationToken);
            if (!usage.IsSuccess || usage.Value.Measurements is not { } measurements)
                return null;
            total += measurements;
        }

        return total;
    }

    private sealed class Run(IMeasurementSource source, IExportWriter writer, Persistence persistence, TransferProgress progress, long? expected)
    {
        /// <summary>Null when the bucket is in the file as a whole.</summary>
        public async ValueTask<Error?> ExportAsync(Bucket bucket, TimeRange range, CancellationToken cancellationToken)
        {
            progress.Step = $"bucket '{bucket.Name}'";
            if (writer.Begun is null)
                await writer.BeginBucketAsync(bucket, cancellationToken);
            var devices = await persistence.TryAsync(() => source.ListDevicesAsync(bucket.Name, cancellationToken), cancellationToken);
            if (devices.Error is { } error && !IsNotMadeYet(bucket, error))
                return error;
            var last = writer.Last;
            foreach (var device in (devices.IsSuccess ? devices.Value : []).Where(device => last is null || IsNotBefore(device, last.Key.Device)))
            {
                var remainder = new DeviceRemainder(last is not null && device == last.Key.Device ? last : null);
                if (await ExportAsync(bucket.Name, device, range, remainder, cancellationToken) is { } failure)
                    return failure;
            }

            await writer.EndBucketAsync(cancellationToken);
            return null;
        }

        private async ValueTask<Error?> ExportAsync(
            BucketName bucket, string device, TimeRange range, DeviceRemainder remainder, CancellationToken cancellationToken)
        {
            var read = await persistence.TryAsync(
                () =>
                {
                    remainder.Begin();
                    return source.ReadAsync(bucket, device, range, part => TakeAsync(remainder.Take(part), cancellationToken), cancellationToken);
                },
                cancellationToken);
            if (read.IsSuccess && remainder.IsLost)
                return new Error(ErrorKind.Conflict, ErrorCodes.Conflict, $"The device '{device}' is not what it was when its export was broken off: begin a new file.");
            return read.Error;
        }

        private async ValueTask TakeAsync(IReadOnlyList<Measurement> part, CancellationToken cancellationToken)
        {
            if (part.Count == 0)
                return;
            await writer.WriteAsync(part, cancellationToken);
            progress.Add(part.Count, part.Sum(measurement => (long)measurement.Fields.Count));
            if (expected is > 0 and { } all)
                progress.Fraction = Math.Min(1, (double)writer.Total.Measurements / all);
        }

        // The default bucket is always listed, also where nothing of it has been made yet.
        private static bool IsNotMadeYet(Bucket bucket, Error error) => bucket == Bucket.Default && error.Code == ErrorCodes.BucketNotFound;

        private static bool IsNotBefore(string device, string other) =>
            Encoding.UTF8.GetBytes(device).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(other)) >= 0;
    }
}
