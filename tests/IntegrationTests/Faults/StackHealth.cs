using System.Text.Json;

namespace IotBackend.IntegrationTests.Faults;

/// <summary>What <c>GET /health</c> says of the database and of the spool before it.</summary>
/// <param name="At">When that was found out.</param>
/// <param name="Status">Of the whole.</param>
/// <param name="StoreStatus">Of the database.</param>
/// <param name="StoreLatencyMs">How long the database took to answer; null when it was not asked.</param>
/// <param name="SpoolStatus">Of the spool.</param>
/// <param name="Depth">Measurements that wait.</param>
/// <param name="OldestAgeSeconds">For how long the oldest of them has.</param>
/// <param name="Refused">Measurements that the database refused.</param>
internal sealed record StackHealth(
    DateTimeOffset At, string Status, string StoreStatus, double? StoreLatencyMs, string SpoolStatus, long Depth, double OldestAgeSeconds, long Refused)
{
    public static StackHealth From(JsonElement health)
    {
        var store = health.GetProperty("checks").GetProperty("measurementStore");
        var spool = health.GetProperty("checks").GetProperty("spool");
        return new StackHealth(
            health.GetProperty("timestamp").GetDateTimeOffset(),
            health.GetProperty("status").GetString()!,
            store.GetProperty("status").GetString()!,
            store.TryGetProperty("latencyMs", out var latency) ? latency.GetDouble() : null,
            spool.GetProperty("status").GetString()!,
            spool.GetProperty("depth").GetInt64(),
            spool.GetProperty("oldestAgeSeconds").GetDouble(),
            spool.GetProperty("refused").GetInt64());
    }
}
