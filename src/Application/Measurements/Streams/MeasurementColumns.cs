namespace IotBackend.Application.Measurements.Streams;

/// <summary>What the measurements of a stream may have. What came up only after it began is not among it.</summary>
/// <param name="Tags">Keys of tags in the order of their UTF-8 bytes.</param>
/// <param name="Fields">Names of fields in the order of their UTF-8 bytes.</param>
public sealed record MeasurementColumns(IReadOnlyList<string> Tags, IReadOnlyList<string> Fields)
{
    public static MeasurementColumns None { get; } = new([], []);
}
