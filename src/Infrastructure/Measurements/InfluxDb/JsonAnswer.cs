using System.Text.Json;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>JSON of errors, and of the administration of 2.x and 3.x.</summary>
internal static class JsonAnswer
{
    private static readonly JsonSerializerOptions Names = new(JsonSerializerDefaults.Web);

    /// <exception cref="InfluxDbException">The body is not what it should be.</exception>
    public static T Read<T>(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(body, Names) ?? throw new JsonException("The answer is null.");
        }
        catch (JsonException exception)
        {
            throw new InfluxDbException(InfluxDbFailure.Unavailable, "The answer is not what InfluxDB answers.", exception);
        }
    }

    /// <summary>The member that tells what is wrong, or all of a body that is no object with it.</summary>
    public static string ErrorIn(string body, string member)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty(member, out var error) ? error.ToString() : body;
        }
        catch (JsonException)
        {
            return body;
        }
    }
}
