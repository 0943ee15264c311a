using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;

namespace IotBackend.Application.Caching;

/// <summary>What the cache knows of a query whose answer may be reused.</summary>
/// <param name="Key">Tells its answer from every other's, including what the caller may see.</param>
/// <param name="Bucket">Of its writes the answer depends.</param>
/// <param name="Devices">The devices whose writes alone can change the answer; empty: those of all.</param>
/// <param name="Range">The times whose writes alone can change the answer.</param>
/// <param name="Address">How the query is asked again for warming, such as <c>/measurements?device=a</c>; null when it is not worth it.</param>
public readonly record struct AnswerDeclaration(
    string Key, BucketName Bucket, IReadOnlyList<string> Devices, TimeRange Range, string? Address)
{
    /// <summary>
    /// Of what was asked as it was asked, the media type, the bucket, and the devices that the caller may see: two callers share an answer only if they see the same.
    /// No part can hold a line feed: an address has it encoded, a name none.
    /// </summary>
    /// <param name="text">The query as it was asked, relative times as such: resolved ones would never be asked again.</param>
    public static string KeyOf(string text, string mediaType, BucketName bucket, DeviceSet visible) =>
        string.Concat(string.Concat(text, "\n", mediaType, "\n"), bucket.Value, "\n", visible.Canonical);
}
