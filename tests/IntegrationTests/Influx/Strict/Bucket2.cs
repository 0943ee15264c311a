using System.Text.Json.Nodes;

namespace IotBackend.IntegrationTests.Influx.Strict;

/// <summary>A bucket of 2.x.</summary>
internal sealed record Bucket2(string Id, string Name, string Description, long EverySeconds)
{
    public JsonObject ToJson() => new()
    {
        ["id"] = Id,
        ["orgID"] = Buckets2.OrganizationId,
        ["type"] = Name.StartsWith('_') ? "system" : "user",
        ["name"] = Name,
        ["description"] = Description,
        ["retentionRules"] = new JsonArray(
            new JsonObject { ["type"] = "expire", ["everySeconds"] = EverySeconds, ["shardGroupDurationSeconds"] = 604_800 }),
        ["labels"] = new JsonArray(),
    };
}
