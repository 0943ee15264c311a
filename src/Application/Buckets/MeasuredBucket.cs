using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using IotBackend.Domain.Buckets;

namespace IotBackend.Application.Buckets;

/// <summary>A bucket as an administrator sees it.</summary>
/// <param name="Bucket">Its name and its rules.</param>
/// <param name="Usage">How much it holds, as of some seconds ago.</param>
public sealed record MeasuredBucket(Bucket Bucket, BucketUsage Usage)
{
    private const int VersionBytes = 16;

    /// <summary>A short text that changes whenever the bucket's rules do; what the bucket holds plays no part in it.</summary>
    public string Version => VersionOf(Bucket);

    public static string VersionOf(Bucket bucket)
    {
        // None but the last part may hold a line feed, so that no two buckets are written alike.
        var text = string.Create(CultureInfo.InvariantCulture, $"{bucket.Name}\n{bucket.Retention.Hours}\n{bucket.Description}");
        return Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(..VersionBytes));
    }
}
