using IotBackend.Domain.Measurements;

namespace IotBackend.IntegrationTests.Stores;

/// <summary>Measurements in few words.</summary>
internal static class Some
{
    public const long Second = Timestamp.NanosecondsPerSecond;
    public const long Hour = 3_600 * Second;
    public const long Day = 24 * Hour;

    /// <summary>Noon of 2026-01-08, a Thursday: neither end of an hour, a day or a week is near by chance.</summary>
    public const long Noon = 1_767_873_600 * Second;

    private const string Name = "telemetry";

    public static MeasurementKey Key(string device, string name = Name, params IEnumerable<(string Key, string Value)> tags) =>
        MeasurementKey.Create(device, name, tags.Select(tag => new KeyValuePair<string, string>(tag.Key, tag.Value)));

    /// <summary>A measurement of a key.</summary>
    /// <param name="fields">Numbers, booleans and texts.</param>
    public static Measurement At(this MeasurementKey key, long time, params IEnumerable<(string Name, object Value)> fields) =>
        new(key, new Timestamp(time), [.. fields.Select(field => new Field(field.Name, ValueOf(field.Value)))]);

    /// <summary>One number of a device.</summary>
    public static Measurement Number(string device, long time, double value = 1) => Key(device).At(time, ("value", value));

    /// <summary>So many of them, a second apart, with the numbers 0, 1, 2 …</summary>
    public static IEnumerable<Measurement> Numbers(string device, int count, long first = Noon, long step = Second) =>
        Enumerable.Range(0, count).Select(i => Number(device, first + (i * step), i));

    public static FieldValue ValueOf(object value) => value switch
    {
        bool boolean => FieldValue.Of(boolean),
        string text => FieldValue.Of(text),
        _ => FieldValue.Of(Convert.ToDouble(value, null)),
    };
}
