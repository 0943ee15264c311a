using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;

namespace IotBackend.Application.Caching;

/// <summary>
/// Remembers the key that a query's answer had last, since most queries are asked again by callers who see the same (benchmark P6). Copies of a query share it:
/// they differ in what is no part of the key.
/// </summary>
public sealed class AnswerKeyMemo
{
    private Entry? _last;

    /// <summary>See <see cref="AnswerDeclaration.KeyOf"/>.</summary>
    public string KeyOf(string text, string mediaType, BucketName bucket, DeviceSet visible)
    {
        var last = Volatile.Read(ref _last);
        if (last is not null && ReferenceEquals(last.Visible, visible) && ReferenceEquals(last.Text, text) && last.MediaType == mediaType && last.Bucket.Equals(bucket))
            return last.Key;
        var key = AnswerDeclaration.KeyOf(text, mediaType, bucket, visible);
        Volatile.Write(ref _last, new Entry(text, mediaType, bucket, visible, key));
        return key;
    }

    private sealed record Entry(string Text, string MediaType, BucketName Bucket, DeviceSet Visible, string Key);
}
