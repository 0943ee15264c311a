using CsCheck;
using IotBackend.Domain.Measurements;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Lines;

/// <summary>Measurements of every kind that may be, the awkward ones more often.</summary>
internal static class AnyMeasurement
{
    private static readonly Gen<string> Name = Gen.OneOf("a", "b c", "Ä", "time", "TIME", "device", "x.y/z:%-_", "\U00010400", new string('n', 128));
    private static readonly Gen<string> TagValue = Of(1, "a", "\\", "\"", " ", ",", "=", "n", "'", "#", "😀");
    private static readonly Gen<string> Text = Of(0, "a", "\\", "\"", "\n", "\r", "\t", " ", ",", "=", "\0", "#iotbackend {}", "😀");

    private static readonly Gen<double> Number = Gen.OneOf(
        Gen.Double.Where(double.IsFinite),
        Gen.Int.Select(number => (double)number),
        Gen.OneOf(0.0, -0.0, double.Epsilon, -double.Epsilon, double.MaxValue, double.MinValue, 2.2250738585072009E-308, 0.1 + 0.2, 9007199254740993d));

    private static readonly Gen<FieldValue> Value = Gen.OneOf(
        Number.Select(FieldValue.Of), Gen.Bool.Select(FieldValue.Of), Text.Select(FieldValue.Of));

    private static readonly Gen<long> Time = Gen.OneOf(
        Gen.Long, Gen.OneOf(0L, -1L, 1L, long.MinValue, long.MaxValue - 1, 1_795_000_000_123_456_789L)).Select(time => Math.Min(time, long.MaxValue - 1));

    /// <summary>A key whose device is one of a few.</summary>
    public static readonly Gen<MeasurementKey> Key = Gen.Select(Name, Name, Gen.Select(Name, TagValue).Array[0, 3], (device, name, tags) =>
        MeasurementKey.Create(device, name, tags.DistinctBy(tag => tag.Item1).Select(tag => KeyValuePair.Create(tag.Item1, tag.Item2))));

    public static readonly Gen<Measurement> One = Gen.Select(Key, Time, Gen.Select(Name, Value).Array[1, 5], (key, time, fields) =>
        new Measurement(key, new Timestamp(time), [.. fields.DistinctBy(field => field.Item1).Select(field => new Field(field.Item1, field.Item2))]));

    private static Gen<string> Of(int least, params string[] parts) => Gen.OneOf(parts).Array[least, 12].Select(string.Concat);
}
