using IotBackend.Domain.Measurements;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>
/// A deletion that chunks do not show yet: until a flush has rewritten those of a series, readers cut the range out of them.
/// <see cref="Memtable.Gate"/> guards it.
/// </summary>
/// <param name="Sequence">The inbox row that holds the deletion; chunks get their points of earlier rows only.</param>
internal sealed record Tombstone(long Sequence, TimeRange Range, HashSet<Series> Pending);
