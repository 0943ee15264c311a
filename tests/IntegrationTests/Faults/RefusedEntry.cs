using System.Text.Json;

namespace IotBackend.IntegrationTests.Faults;

/// <summary>Measurements that the database has refused, as an administrator sees them.</summary>
/// <param name="Id">As text, whatever it is in JSON.</param>
internal sealed record RefusedEntry(string Id, string Bucket, string Code, string Reason, int Measurements, string Sample)
{
    public static RefusedEntry From(JsonElement entry) => new(
        entry.GetProperty("id").ToString(),
        entry.GetProperty("bucket").GetString()!,
        entry.GetProperty("code").GetString()!,
        entry.GetProperty("reason").GetString()!,
        entry.GetProperty("measurements").GetInt32(),
        entry.GetProperty("sample").GetString()!);
}
