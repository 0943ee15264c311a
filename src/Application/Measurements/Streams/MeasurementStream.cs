using IotBackend.Domain.Measurements;

namespace IotBackend.Application.Measurements.Streams;

/// <summary>Measurements that are read while they are taken.</summary>
/// <param name="Columns">What they may have; empty when it was not asked for.</param>
/// <param name="Parts">
/// In the query's order, in parts of some thousand at most. Holds nothing before it is enumerated; to be enumerated once. Whatever goes wrong in the midst of
/// it throws <see cref="StreamBrokenException"/>: it never ends early in silence.
/// </param>
public sealed record MeasurementStream(MeasurementColumns Columns, IAsyncEnumerable<IReadOnlyList<Measurement>> Parts);
