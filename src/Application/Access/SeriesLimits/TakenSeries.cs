using System.Text.Json;

namespace IotBackend.Application.Access.SeriesLimits;

/// <summary>What a key has brought to one node, which tells it to the others; less than nothing when it gave back what was told before.</summary>
internal sealed record TakenSeries(string Key, int Devices, int Series)
{
    public const string Topic = "series-taken";

    public static byte[] Encode(IReadOnlyCollection<TakenSeries> taken) => JsonSerializer.SerializeToUtf8Bytes(taken, JsonSerializerOptions.Web);

    /// <summary>Nothing when it is not understood.</summary>
    public static IReadOnlyList<TakenSeries> Decode(ReadOnlySpan<byte> message)
    {
        try
        {
            return JsonSerializer.Deserialize<TakenSeries[]>(message, JsonSerializerOptions.Web) ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
