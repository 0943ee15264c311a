using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;

namespace IotBackend.Application.Measurements.Transfer;

/// <summary>What a file of exported measurements is of.</summary>
/// <param name="Id">Tells this export from any other.</param>
/// <param name="CreatedAt">When it was begun.</param>
/// <param name="Buckets">The buckets in the order in which they stand in the file.</param>
/// <param name="Range">Half-open range of time.</param>
public sealed record ExportHeader(string Id, DateTimeOffset CreatedAt, IReadOnlyList<BucketName> Buckets, TimeRange Range)
{
    /// <summary>All times.</summary>
    public static TimeRange AllTimes { get; } = new(Timestamp.MinValue, Timestamp.MaxValue);
}
