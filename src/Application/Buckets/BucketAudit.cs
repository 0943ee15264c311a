using IotBackend.Domain.Buckets;

namespace IotBackend.Application.Buckets;

/// <summary>A bucket as the audit log has it.</summary>
internal static class BucketAudit
{
    public const string Kind = "bucket";

    public static object Describe(Bucket bucket) => new { bucket.Description, RetentionHours = bucket.Retention.Hours };
}
