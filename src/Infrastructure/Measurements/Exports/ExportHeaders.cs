using System.Text;
using IotBackend.Application.Measurements.Transfer;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;

namespace IotBackend.Infrastructure.Measurements.Exports;

/// <summary>Headers and buckets as notes, and back.</summary>
internal static class ExportHeaders
{
    /// <summary>The version of the format that is written; older ones are read.</summary>
    public const int Version = 1;

    public static HeaderNote ToNote(ExportHeader header) => new(
        Version,
        header.Id,
        header.CreatedAt,
        [.. header.Buckets.Select(bucket => bucket.Value)],
        header.Range.From == Timestamp.MinValue ? null : header.Range.From.ToString(),
        header.Range.To == Timestamp.MaxValue ? null : header.Range.To.ToString());

    /// <exception cref="InvalidDataException">The note is none of a header, or of a newer format.</exception>
    public static ExportHeader ToHeader(HeaderNote note) => new(
        note.Id,
        note.CreatedAt,
        [.. note.Buckets.Select(NameOf)],
        new TimeRange(TimeOf(note.From) ?? Timestamp.MinValue, TimeOf(note.To) ?? Timestamp.MaxValue));

    public static BucketNote ToNote(Bucket bucket) => new(bucket.Name.Value, bucket.Description, bucket.Retention.Hours);

    /// <exception cref="InvalidDataException">No bucket can be like that.</exception>
    public static Bucket ToBucket(BucketNote note)
    {
        if (Bucket.CheckDescription(note.Description) is { } fault)
            throw new InvalidDataException(fault.Message);
        if (note.RetentionHours is < Retention.MinHours or > Retention.MaxHours)
            throw new InvalidDataException($"The bucket '{note.Name}' is said to keep {note.RetentionHours} hours.");
        return new Bucket(NameOf(note.Name), note.Description, note.RetentionHours is { } hours ? Retention.OfHours(hours) : Retention.Forever);
    }

    /// <exception cref="InvalidDataException">No bucket can be called so.</exception>
    public static BucketName NameOf(string name) =>
        BucketName.TryParse(name, out var wrong) ?? throw new InvalidDataException($"The name '{name}' of a bucket {wrong}.");

    private static Timestamp? TimeOf(string? text)
    {
        if (text is null)
            return null;
        return Rfc3339.TryParse(Encoding.UTF8.GetBytes(text), out var time) == Rfc3339.Outcome.Ok
            ? time
            : throw new InvalidDataException($"'{text}' is no time.");
    }
}
