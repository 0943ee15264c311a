using System.Text.Json;
using System.Text.Json.Serialization;

namespace IotBackend.Infrastructure.Measurements.Exports;

/// <summary>The first line of each block, a comment of line protocol: <c>#iotbackend {"kind":"bucket",…}</c>. docs/export.md describes the format.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(HeaderNote), "export")]
[JsonDerivedType(typeof(BucketNote), "bucket")]
[JsonDerivedType(typeof(MeasurementsNote), "measurements")]
[JsonDerivedType(typeof(BucketEndNote), "bucketEnd")]
[JsonDerivedType(typeof(EndNote), "end")]
internal abstract record ExportNote
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private static ReadOnlySpan<byte> Start => "#iotbackend "u8;

    /// <summary>The note as a line.</summary>
    public byte[] ToLine() => [.. Start, .. JsonSerializer.SerializeToUtf8Bytes(this, Options), (byte)'\n'];

    /// <summary>Reads a block's note; what follows it begins at <paramref name="end"/>.</summary>
    /// <exception cref="InvalidDataException">It has none.</exception>
    public static ExportNote Read(ReadOnlySpan<byte> content, out int end)
    {
        end = content.IndexOf((byte)'\n') + 1;
        if (end == 0 || !content.StartsWith(Start))
            throw new InvalidDataException("The block begins with no note.");
        try
        {
            return JsonSerializer.Deserialize<ExportNote>(content[Start.Length..end], Options) ?? throw new InvalidDataException("The note is empty.");
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            throw new InvalidDataException("The note can not be read.", exception);
        }
    }
}

/// <summary>What the file is; its first block, alone.</summary>
internal sealed record HeaderNote(int Version, string Id, DateTimeOffset CreatedAt, string[] Buckets, string? From, string? To) : ExportNote;

/// <summary>Begins a bucket.</summary>
internal sealed record BucketNote(string Name, string Description, int? RetentionHours) : ExportNote;

/// <summary>Stands before lines of the bucket.</summary>
/// <param name="Measurements">Measurements of the bucket up to the end of this block.</param>
/// <param name="Values">Values likewise.</param>
/// <param name="Checksum">XXH64 of the block's lines with the checksum of the block before as its seed, as 16 hexadecimal digits.</param>
/// <param name="LastKey">The canonical form of the last measurement's key, in base 64.</param>
/// <param name="LastTime">The last measurement's time, in nanoseconds.</param>
internal sealed record MeasurementsNote(long Measurements, long Values, string Checksum, string LastKey, long LastTime) : ExportNote;

/// <summary>Ends a bucket, with all that it has.</summary>
internal sealed record BucketEndNote(string Name, long Measurements, long Values, string Checksum) : ExportNote;

/// <summary>Ends the file.</summary>
internal sealed record EndNote(int Buckets, long Measurements, long Values) : ExportNote;
