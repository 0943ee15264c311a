using System.Text.Json;
using System.Text.Json.Serialization;

namespace IotBackend.Application.Caching;

/// <summary>What one node tells the others that has changed. A node that does not understand a message takes it that anything has.</summary>
/// <param name="Bucket">Null: every bucket.</param>
/// <param name="Devices">Null: every device.</param>
/// <param name="Slices">See <see cref="DaySlices"/>; recent times have always changed too.</param>
internal sealed record Invalidation(
    [property: JsonPropertyName("bucket")] string? Bucket,
    [property: JsonPropertyName("devices")] IReadOnlyList<string>? Devices,
    [property: JsonPropertyName("slices")] ulong Slices)
{
    public const string Topic = "cache-invalidation";

    public static Invalidation Everything { get; } = new(null, null, DaySlices.All);

    private static readonly JsonSerializerOptions Options = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public byte[] Encode() => JsonSerializer.SerializeToUtf8Bytes(this, Options);

    public static Invalidation Decode(ReadOnlySpan<byte> message)
    {
        try
        {
            return JsonSerializer.Deserialize<Invalidation>(message, Options) ?? Everything;
        }
        catch (JsonException)
        {
            return Everything;
        }
    }
}
