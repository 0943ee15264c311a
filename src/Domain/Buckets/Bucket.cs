using System.Text;
using IotBackend.Domain.Results;

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

    /// <summary>
    /// Null when the text can describe a bucket: up to <see cref="MaxDescriptionLength"/> code points, of controls line breaks and tabs only.
    /// </summary>
    public static Fault? CheckDescription(string text)
    {
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsControl(rune) && rune.Value is not ('\n' or '\r' or '\t'))
                return Wrong(ErrorCodes.InvalidText, "holds control characters other than line breaks and tabs");
            length++;
        }

        return length > MaxDescriptionLength ? Wrong(ErrorCodes.TextTooLong, $"is longer than {MaxDescriptionLength} characters") : null;
    }

    private static Fault Wrong(string code, string reason) => new("description", code, $"'description' {reason}.");
}
