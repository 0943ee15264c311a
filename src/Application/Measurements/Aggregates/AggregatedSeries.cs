using IotBackend.Domain.Measurements;
using IotBackend.Domain.Measurements.Aggregates;

namespace IotBackend.Application.Measurements.Aggregates;

/// <summary>What was made of one field of one key; windows ascending.</summary>
public sealed record AggregatedSeries(MeasurementKey Key, string Field, IReadOnlyList<WindowPoint> Points);
