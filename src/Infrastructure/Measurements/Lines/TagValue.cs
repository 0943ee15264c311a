using System.Buffers;

namespace IotBackend.Infrastructure.Measurements.Lines;

/// <summary>
/// Values of tags as InfluxDB stores them. Line protocol can not say a backslash at the end of a value or before what it escapes; there
/// U+001A (substitute) stands for it, which no value can hold because control characters are refused.
/// </summary>
internal static class TagValue
{
    public const char Substitute = '\u001A';

    private static readonly SearchValues<char> Ambiguous = SearchValues.Create(",= \\\"nrt");

    public static string Encode(string value)
    {
        if (!value.Contains('\\', StringComparison.Ordinal))
            return value;
        return string.Create(value.Length, value, static (encoded, value) =>
        {
            for (var i = 0; i < value.Length; i++)
                encoded[i] = value[i] == '\\' && IsAmbiguous(value, i) ? Substitute : value[i];
        });
    }

    public static string Decode(string value) => value.Replace(Substitute, '\\');

    private static bool IsAmbiguous(string value, int backslash) => backslash == value.Length - 1 || Ambiguous.Contains(value[backslash + 1]);
}
