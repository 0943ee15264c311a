using System.Net;
using System.Text.Json;

namespace IotBackend.Simulator.Sending;

/// <summary>What a final response means for the measurements that were sent with it.</summary>
internal sealed record ServerAnswer(int Accepted, int Rejected, IReadOnlyList<ItemError> Errors)
{
    /// <param name="sent">Measurements in the request.</param>
    public static ServerAnswer Read(HttpStatusCode status, ReadOnlyMemory<byte> body, int sent)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return Interpret(status, document.RootElement, sent);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return new(0, sent, [new(ItemError.UnexpectedAnswer, $"{(int)status} with a body that the contract does not know.")]);
        }
    }

    private static ServerAnswer Interpret(HttpStatusCode status, JsonElement body, int sent) => status switch
    {
        HttpStatusCode.MultiStatus => Checked(sent, body.GetProperty("accepted").GetInt32(), body.GetProperty("rejected").GetInt32(), Items(body)),
        HttpStatusCode.Created or HttpStatusCode.Accepted =>
            Checked(sent, body.TryGetProperty("accepted", out var accepted) ? accepted.GetInt32() : sent, 0, []),
        _ => new(0, sent, Refusal(body)),
    };

    private static ServerAnswer Checked(int sent, int accepted, int rejected, IReadOnlyList<ItemError> errors) => accepted + rejected == sent
        ? new(accepted, rejected, errors)
        : throw new FormatException($"{accepted} accepted and {rejected} rejected do not make {sent} sent.");

    private static IReadOnlyList<ItemError> Refusal(JsonElement body)
    {
        if (body.TryGetProperty("details", out var details) && details.ValueKind == JsonValueKind.Object && Items(details) is { Count: > 0 } items)
            return items;
        return [new(body.GetProperty("error").GetString()!, body.GetProperty("message").GetString()!)];
    }

    private static IReadOnlyList<ItemError> Items(JsonElement parent) => !parent.TryGetProperty("errors", out var errors)
        ? []
        : [.. errors.EnumerateArray().Select(e => new ItemError(e.GetProperty("code").GetString()!, e.GetProperty("message").GetString()!))];
}
