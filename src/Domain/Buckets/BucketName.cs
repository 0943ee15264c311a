using System.Text;
using IotBackend.Domain.Measurements;

namespace IotBackend.Domain.Buckets;

/// <summary>The name of a bucket: an identifier; names that start with <c>_</c> are the system's own.</summary>
public sealed record BucketName
{
    private BucketName(string value) => Value = value;

    /// <summary>The bucket that always exists and keeps for ever unless told otherwise.</summary>
    public static BucketName Default { get; } = new("default");

    public string Value { get; }

    /// <summary>Null and a reason when the text can not name a bucket.</summary>
    public static BucketName? TryParse(string text, out string? wrong)
    {
        wrong = Identifier.Check(Encoding.UTF8.GetBytes(text));
        return wrong is null ? new BucketName(text) : null;
    }

    public override string ToString() => Value;
}
