using System.Globalization;
using System.Text;
using System.Text.Unicode;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;

namespace IotBackend.Api.Mqtt;

/// <summary>
/// Where measurements are published: <c>devices/{device}/measurements</c>, or <c>buckets/{bucket}/devices/{device}/measurements</c>. A name is one level;
/// its <c>/</c> is written <c>%2F</c> and its <c>%</c> is written <c>%25</c>.
/// </summary>
/// <param name="Device">A valid name.</param>
/// <param name="Bucket">Null for none.</param>
internal sealed record MeasurementTopic(string Device, BucketName? Bucket)
{
    private const int EscapeLength = 3;

    /// <summary>Null and a reason when it is no such topic.</summary>
    public static MeasurementTopic? TryParse(string topic, out string? wrong)
    {
        var (bucketText, deviceText) = topic.Split('/') switch
        {
            ["devices", var device, "measurements"] => (null, device),
            ["buckets", var named, "devices", var device, "measurements"] => (named, device),
            _ => (null, null),
        };
        wrong = deviceText is null ? "Measurements are published to devices/{device}/measurements or buckets/{bucket}/devices/{device}/measurements." : null;
        if (deviceText is null)
            return null;
        var deviceName = Decode(deviceText, "device", ref wrong);
        var bucketName = bucketText is null ? null : Decode(bucketText, "bucket", ref wrong);
        return wrong is null ? new MeasurementTopic(deviceName!, bucketName is null ? null : BucketName.TryParse(bucketName, out _)) : null;
    }

    private static string? Decode(string level, string what, ref string? wrong)
    {
        var text = TryUnescape(level);
        var fault = text is null ? "has a '%' without two hexadecimal digits, or encodes no UTF-8" : Identifier.Check(Encoding.UTF8.GetBytes(text));
        if (fault is not null)
            wrong ??= $"The topic's {what} {fault}.";
        return text;
    }

    private static string? TryUnescape(string level)
    {
        if (!level.Contains('%', StringComparison.Ordinal))
            return level;
        var bytes = Encoding.UTF8.GetBytes(level);
        var length = 0;
        for (var i = 0; i < bytes.Length; i++, length++)
        {
            if (bytes[i] != '%')
                bytes[length] = bytes[i];
            else if (i + EscapeLength <= bytes.Length && byte.TryParse(bytes.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
                (bytes[length], i) = (value, i + 2);
            else
                return null;
        }

        var unescaped = bytes.AsSpan(0, length);
        return Utf8.IsValid(unescaped) ? Encoding.UTF8.GetString(unescaped) : null;
    }
}
