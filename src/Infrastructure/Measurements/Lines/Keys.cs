using System.Text;

namespace IotBackend.Infrastructure.Measurements.Lines;

/// <summary>
/// Keys of tags and fields as InfluxDB stores them. The device is a tag of its own, and <c>time</c>, in whatever case, is taken by the
/// point's time; a tag or field that is called so gets a prefix, which no identifier can begin with.
/// </summary>
internal static class Keys
{
    public const string Device = "device";

    private const string Prefix = "__";

    /// <summary>True for a key that has to be stored under another name.</summary>
    public static bool IsReserved(ReadOnlySpan<byte> key) => key.SequenceEqual("device"u8) || Ascii.EqualsIgnoreCase(key, "time"u8);

    public static string Encode(string key) => IsReserved(Encoding.UTF8.GetBytes(key)) ? Prefix + key : key;

    public static string Decode(string key) => key.StartsWith(Prefix, StringComparison.Ordinal) ? key[Prefix.Length..] : key;
}
