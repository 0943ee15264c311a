namespace IotBackend.Domain.Buckets;

/// <summary>A place of measurements with one rule for how long they are kept.</summary>
/// <param name="Name">Its name, which never changes.</param>
/// <param name="Description">What it is for, in a person's words; may be empty.</param>
/// <param name="Retention">How long measurements are kept.</param>
public sealed record Bucket(BucketName Name, string Description, Retention Retention)
{
    public const int MaxDescriptionLength = 1_000;

    /// <summary>The bucket that always exists, as it is until somebody changes it.</summary>
    public static Bucket Default { get; } = new(BucketName.Default, string.Empty, Retention.Forever);
}
