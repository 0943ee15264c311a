using IotBackend.Domain.Measurements;

namespace IotBackend.Application.Measurements.Streams;

/// <param name="Selection">What is asked for.</param>
/// <param name="Order">Descending: newest first.</param>
/// <param name="Limit">The most measurements; null for all.</param>
/// <param name="After">The last measurement that the reader has; null to begin with the first.</param>
/// <param name="NeedsColumns">Whether the reader has to know tags and fields beforehand, which may cost the store a look at every series.</param>
public sealed record StreamQuery(MeasurementSelection Selection, SortOrder Order, long? Limit, MeasurementPosition? After, bool NeedsColumns);
